import { expect, test } from "vitest";
import type { Outcome } from "../../runtime/protocol.ts";
import { Hosted } from "./fixtures/hosted.ts";

const HOUR_MS = 3_600_000;

/** A task run that has given its slot back, and what its next execution is told. */
async function napping(hosted: Hosted) {
  const id = hosted.start("naps", { ms: HOUR_MS });
  const outcome = (await hosted.outcome(id)) as Outcome & { state: "deferred" };
  const wait = { ...outcome.until, startedAt: 0, firstClaim: 1, ranMs: 0 };
  // Its hour is over, by the clock of whoever brings it back.
  return { id, outcome, over: { wait, wokenAt: outcome.until.dueAt } };
}

const printed = (hosted: Hosted, id: number): string[] =>
  hosted.lines.filter((line) => line.taskRunId === id).map(({ claim, message }) => `${claim} ${message}`);

test("a task that waits ends its execution, with when it is due and what it has recorded", async () => {
  await using hosted = new Hosted({ tasksPerChild: 1 });
  const { id, outcome } = await napping(hosted);

  expect(outcome).toMatchObject({ state: "deferred", until: { kind: "sleep" } });
  expect(outcome.steps.map(({ value }) => JSON.parse(value) as unknown)).toMatchObject([
    [{ kind: "version" }, { kind: "sleep" }],
  ]);
  // Its slot, the only one there is, is another's.
  expect(await hosted.value(hosted.start("echo", { value: 1 }))).toBe(1);
  expect(printed(hosted, id)).toEqual(["1 before"]);
});

test("with the next claim its code goes on where it was, in the same process", async () => {
  await using hosted = new Hosted({ children: 2 });
  const { id, over } = await napping(hosted);
  const pids = await Promise.all([0, 1, 2, 3].map(() => hosted.value(hosted.start("process_id"))));

  hosted.goOn(id, "naps", { ms: HOUR_MS }, { claim: 2, ...over });

  const { pid } = (await hosted.value(id)) as { pid: number };
  expect(pids).toContain(pid);
  // Not from the first line again; and what it says now belongs to the claim that it runs under.
  expect(printed(hosted, id)).toEqual(["1 before", "2 behind"]);
});

test("code that others have gone on with is dropped, and begins anew", async () => {
  await using hosted = new Hosted();
  const { id, over } = await napping(hosted);

  hosted.goOn(id, "naps", { ms: HOUR_MS }, { claim: 3, ...over });
  const { until } = (await hosted.outcome(id)) as Outcome & { state: "deferred" };
  hosted.goOn(id, "naps", { ms: HOUR_MS }, { claim: 4, wait: { ...over.wait, ...until }, wokenAt: until.dueAt });

  expect(await hosted.outcome(id)).toMatchObject({ state: "succeeded" });
  expect(printed(hosted, id).filter((line) => !line.endsWith("told to stop"))).toEqual([
    "1 before",
    "3 before",
    "4 behind",
  ]);
});

test("code that waits is told that its run was cancelled, and says nothing more to anybody", async () => {
  await using hosted = new Hosted();
  const { id } = await napping(hosted);

  hosted.host.abort(id, 1, "cancelled");
  await hosted.value(hosted.start("wait", { ms: 100 }));

  expect(printed(hosted, id)).toEqual(["1 before", "1 told to stop"]);
});

test("a task in a process of its own takes that along, and begins anew", async () => {
  await using hosted = new Hosted();
  const id = hosted.start("naps", { ms: HOUR_MS }, { isolation: "process" });
  const { until } = (await hosted.outcome(id)) as Outcome & { state: "deferred" };
  const wait = { ...until, startedAt: 0, firstClaim: 1, ranMs: 0 };

  hosted.goOn(id, "naps", { ms: HOUR_MS }, { isolation: "process", claim: 2, wait });

  expect(await hosted.outcome(id)).toMatchObject({ state: "deferred" });
  expect(printed(hosted, id)).toEqual(["1 before", "2 before"]);
});
