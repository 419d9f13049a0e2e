import { expect, test } from "vitest";
import type { TaskOutcome } from "../core/decide.ts";
import type { Assignment, FromChild, RunInfo, ToChild } from "./protocol.ts";
import { packFromChild, ToChildPacker, ToChildUnpacker, unpackFromChild } from "./wire.ts";

const sent = <T>(message: T): T => JSON.parse(JSON.stringify(message)) as T;

// With all there is: what is added to it is added to the wire too.
const task: Required<Assignment> = {
  taskRunId: 7,
  claim: 2,
  runId: "run",
  task: 3,
  mapIndex: 4,
  attempt: 5,
  idempotencyKey: "run/load[4]",
  isolation: "process",
  timeoutMs: 6_000,
  wait: { kind: "sleep", dueAt: 8, startedAt: 1, firstClaim: 1, ranMs: 2 },
  wokenAt: 9,
  values: { "out:1": { kind: "text", text: "[1]" } },
};

const { wokenAt: _, ...unwoken } = task;

const version = { hash: "0123", file: "/a/b.mjs", workflow: "sales", manifestHash: "4567" };

const run: Required<RunInfo> = {
  runId: "run",
  version,
  params: null,
  interval: { start: 1, end: 2 },
  date: "2025-08-12",
  trigger: "manual",
  generation: 1,
  backfill: null,
  cause: "{}",
  partition: { key: "emea", dimensions: {} },
};

const { cause: __, partition: ___, ...uncaused } = run;

const finished = { kind: "finished", taskRunId: 7, claim: 2, startedAt: 10, endedAt: 11 } as const;
const succeeded = { state: "succeeded", output: { kind: "inline", text: "[1]" }, lists: null, arms: null } as const;

test.each<ToChild>([
  { kind: "start", slot: 1, task },
  { kind: "start", slot: 0, task: { ...unwoken, mapIndex: null, timeoutMs: null, wait: null, values: {} } },
  { kind: "run", run },
  { kind: "run", run: uncaused },
  { kind: "run", run: { ...uncaused, cause: "{}" } },
  { kind: "run", run: { ...run, params: "[1]", backfill: "b", cause: null } },
  { kind: "forget", runId: "run" },
  { kind: "ping", beat: 1 },
])("to a child: %o", (message) => {
  expect(new ToChildUnpacker().unpack(sent(new ToChildPacker().pack(message)))).toEqual(message);
});

test("a version is told once", () => {
  const [packer, unpacker] = [new ToChildPacker(), new ToChildUnpacker()];
  const versions = [version, { ...version, hash: "89ab" }, version, { ...version, hash: "89ab" }];
  const messages = versions.map((of, place): ToChild => ({
    kind: "run",
    run: { ...run, runId: `${place}`, version: of },
  }));
  const packed = messages.map((message) => sent(packer.pack(message)));
  expect(packed.map((message) => typeof (message as readonly unknown[])[1])).toEqual([
    "object",
    "object",
    "number",
    "number",
  ]);
  expect(packed.map((message) => unpacker.unpack(message))).toEqual(messages);
});

test.each<FromChild>([
  { ...finished, outcome: succeeded },
  { ...finished, startedAt: null, outcome: succeeded },
  { ...finished, outcome: { ...succeeded, output: null } },
  { ...finished, outcome: { ...succeeded, output: { kind: "frame", uri: "a", bytes: 1 } } },
  { ...finished, outcome: { ...succeeded, lists: { "": { length: 3 } } } },
  { ...finished, outcome: { ...succeeded, output: null, arms: ["left"] } },
  { ...finished, outcome: { state: "skipped", reason: "none" } },
  { ...finished, outcome: { state: "cancelled" } },
  { kind: "ready" },
])("from a child: %o", (message) => {
  expect(unpackFromChild(sent(packFromChild(message)))).toEqual(message);
});

type Succeeded = Extract<TaskOutcome, { state: "succeeded" }>;

// With all there is: what is added to an outcome is not lost on the way.
const beside: Required<Omit<Succeeded, keyof typeof succeeded>> = {
  events: [{ kind: "event", name: "loaded", payload: null, key: null, partition: null }],
  cacheKey: "k",
  cached: { runId: "r", taskRunId: 1, claim: 1, firstClaim: 1, madeAt: 5 },
};

test.each(Object.entries(beside))("%s comes along with a small value", (name, value) => {
  const message = { ...finished, outcome: { ...succeeded, [name]: value } };
  expect(unpackFromChild(sent(packFromChild(message)))).toEqual(message);
});

test("what every task costs travels without names", () => {
  expect(new ToChildPacker().pack({ kind: "start", slot: 1, task })).toBeInstanceOf(Array);
  expect(packFromChild({ ...finished, outcome: succeeded })).toEqual([7, 2, 10, 11, "[1]"]);
});
