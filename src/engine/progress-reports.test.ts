import { expect, test } from "vitest";
import { fakeClock } from "../testing/fake-clock.ts";
import { ProgressReports } from "./progress-reports.ts";
import { progressHint, progressOfHint, type TaskProgress } from "./task-progress.ts";

const AT = { runId: "r", taskRunId: 7, claim: 1, total: 100, note: null };

function reports() {
  const clock = fakeClock();
  const told: (readonly number[])[] = [];
  const reports = new ProgressReports(clock, (all) => told.push(all.map(({ done }) => done)));
  const say = (done: number, more: Partial<TaskProgress> = {}) => reports.add({ ...AT, done, ...more });
  return { clock, told, reports, say };
}

test("the first word goes at once; of what is said within a second after it, the last one follows", async () => {
  const { clock, told, say } = reports();
  say(1);
  say(2);
  say(3);
  expect(told).toEqual([[1]]);
  await clock.advance("1s");
  expect(told).toEqual([[1], [3]]);
  say(4);
  expect(told).toEqual([[1], [3]]);
  await clock.advance("1s");
  expect(told).toEqual([[1], [3], [4]]);
});

test("each execution has a second of its own, and what is due together goes together", async () => {
  const { clock, told, say } = reports();
  say(1);
  say(10, { taskRunId: 8 });
  say(20, { claim: 2 });
  expect(told).toEqual([[1], [10], [20]]);
  say(2);
  say(11, { taskRunId: 8 });
  await clock.advance("1s");
  expect(told.at(-1)).toEqual([2, 11]);
});

test("what has not changed is told again after ten seconds, for whoever came later", async () => {
  const { clock, told, say } = reports();
  say(1);
  await clock.advance("9s");
  expect(told).toEqual([[1]]);
  await clock.advance("1s");
  expect(told).toEqual([[1], [1]]);
});

test("its last word goes with its end, and nothing is waited for afterwards", async () => {
  const { clock, told, reports: all, say } = reports();
  say(1);
  say(2);
  all.ended(7, 2);
  expect(told).toEqual([[1]]);
  all.ended(7, 1);
  expect(told).toEqual([[1], [2]]);
  expect(clock.nextDue()).toBeNull();
  say(3, { taskRunId: 9 });
  all.ended(9, 1);
  expect(told).toEqual([[1], [2], [3]]);
  expect(clock.nextDue()).toBeNull();
});

test("a hint carries all of it but what is long of its note", () => {
  const told: TaskProgress[] = [];
  const reports = new ProgressReports(fakeClock(), (all) => told.push(...all));
  const note = "\u0007é".repeat(10_000);
  reports.add({ ...AT, done: 0.5, note });
  const [channel, word] = progressHint(told[0]!);
  expect(Buffer.byteLength(JSON.stringify(word))).toBeLessThan(2_000);
  expect(progressOfHint(channel, word)).toEqual({ ...AT, done: 0.5, note: `${note.slice(0, 199)}…` });
  expect(progressOfHint("run r", null)).toBeNull();
});
