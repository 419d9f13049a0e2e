import { setTimeout as pause } from "node:timers/promises";
import { dag } from "../../src/authoring/dag.ts";
import { task } from "../../src/authoring/task.ts";
import { monotonicMs } from "../monotonic.ts";

export const POOLS = 50;
export const SLOTS = 4;
export const poolName = (place: number): string => `pool_${place}`;

/** While the code of a task ran, which is within what its claim held. */
export interface Span {
  readonly pool: number;
  readonly from: number;
  readonly to: number;
}

/** Of all tasks that ran in this process. */
export const spans: Span[] = [];

/** `POOLS` tasks, each over so many elements; `limited`: each in a pool of its own, which all runs share. */
export function pooled(limited: boolean, elements: number) {
  const list = task("list", () => Array.from({ length: elements }, (_, i) => i));
  const tasks = Array.from({ length: POOLS }, (_, pool) =>
    task(`held_${pool}`, limited ? { pool: poolName(pool) } : {}, async (_input: { i: number }) => {
      const from = monotonicMs();
      await pause(1);
      spans.push({ pool, from, to: monotonicMs() });
    }),
  );
  return dag(limited ? "pooled" : "free", {}, () => {
    const all = list();
    for (const each of tasks) each.map({ i: all });
  });
}
