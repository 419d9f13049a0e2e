import { expect, test } from "vitest";
import type { LiveRun } from "./live-run.ts";
import { ReadyLines } from "./ready-lines.ts";
import type { Ready } from "./ready-queue.ts";

/** A queued task run of one task, in one queue. */
function ready(queue: string | null, backfill: string | null): Ready {
  const instance = { task: 0, index: null, state: "queued" };
  const run = {
    released: false,
    record: { backfill },
    version: { graph: { tasks: [{ manifest: { queue } }] } },
    instanceAt: () => instance,
  };
  return { run: run as unknown as LiveRun, instance: instance as unknown as Ready["instance"] };
}

test("what a backfill has queued starts when nothing else of any queue that is served can", () => {
  const lines = new ReadyLines();
  const [old, live, other] = [ready(null, "b"), ready(null, null), ready("gpu", null)];
  for (const entry of [old, live, other]) lines.push(entry);
  expect(lines.take(1, null)).toEqual([live]);
  expect(lines.take(5, ["default"])).toEqual([old]);
  expect(lines.take(5, null)).toEqual([other]);
});

test("a backfill's task that goes on in its slot goes before its like, and behind the others", () => {
  const lines = new ReadyLines();
  const [first, second, live] = [ready(null, "b"), ready(null, "b"), ready(null, null)];
  lines.push(first);
  lines.pushFirst(second);
  lines.push(live);
  expect(lines.take(3, null)).toEqual([live, second, first]);
});
