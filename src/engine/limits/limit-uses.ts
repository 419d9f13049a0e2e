import { concurrencyLimit, type LimitUse, poolLimit, rateLimit, runLimit } from "../../core/limit.ts";
import type { TaskManifest, WorkflowManifest } from "../../core/manifest.ts";
import type { LiveRun } from "../live-run.ts";

/** By task, whether it takes something of a limit; `null`: none does, and nobody has to look. */
export function limitedTasks({ tasks, maxActiveTasks }: WorkflowManifest): readonly boolean[] | null {
  const limited = tasks.map((task) => maxActiveTasks !== undefined || isLimited(task));
  return limited.includes(true) ? limited : null;
}

const isLimited = ({ pool, concurrency, rateLimit: rate }: TaskManifest): boolean =>
  pool !== undefined || concurrency !== undefined || rate !== undefined;

/** The paths in its input of the keys that it is counted by. */
export interface LimitKeys {
  readonly concurrency: string | null;
  readonly rate: string | null;
}

export const needsKey = ({ concurrency, rateLimit: rate }: TaskManifest): boolean =>
  concurrency?.key !== undefined || rate?.key !== undefined;

/** All that a task run takes while it runs. */
export function usesOf(run: LiveRun, task: number, keys: LimitKeys): readonly LimitUse[] {
  const { manifest, taskIds } = run.version.record;
  const { pool, slots = 1, concurrency, rateLimit: rate } = manifest.tasks[task] as TaskManifest;
  const id = taskIds[task] as number;
  const uses: LimitUse[] = [];
  if (pool !== undefined) uses.push({ name: poolLimit(pool), slots, max: null, perMs: null });
  if (concurrency)
    uses.push({ name: concurrencyLimit(id, keys.concurrency), slots: 1, max: concurrency.limit, perMs: null });
  if (manifest.maxActiveTasks !== undefined)
    uses.push({ name: runLimit(run.id), slots: 1, max: manifest.maxActiveTasks, perMs: null });
  if (rate) uses.push({ name: rateLimit(id, keys.rate), slots: 1, max: rate.limit, perMs: rate.perMs });
  return uses;
}
