import { expect, test } from "vitest";
import type { Attempt, TaskRun } from "../api/runs.ts";
import { asItWas } from "./as-it-was.ts";
import { waterfallOf } from "./rows.ts";

const T0 = Date.parse("2026-11-22T01:30:00Z");
const at = (s: number): string => new Date(T0 + s * 1000).toISOString();

const taskRun = (given: Partial<TaskRun>): TaskRun => ({
  id: 1,
  task: "load",
  mapIndex: null,
  state: "succeeded",
  generation: 1,
  attempt: 1,
  claim: 1,
  worker: "w",
  queuedAt: at(0),
  claimedAt: at(1),
  startedAt: at(1),
  endedAt: at(5),
  dueAt: null,
  waits: null,
  arms: null,
  error: null,
  skipReason: null,
  cached: null,
  hasOutput: true,
  ...given,
});

const attempt = (given: Partial<Attempt>): Attempt => ({
  taskRunId: 1,
  task: "load",
  mapIndex: null,
  generation: 1,
  attempt: 1,
  claim: 1,
  worker: "w",
  queuedAt: at(0),
  claimedAt: at(1),
  startedAt: at(1),
  endedAt: at(2),
  outcome: "failed",
  error: null,
  ...given,
});

const run = { state: "succeeded", generation: 1, createdAt: at(0), startedAt: at(0), endedAt: at(10) } as const;
const graph = (...names: string[]) => ({ tasks: names.map((name) => ({ name, mapped: name.endsWith("*") })) }) as never;
const NONE: ReadonlySet<string> = new Set();
const draw = (facts: { taskRuns: TaskRun[]; attempts?: Attempt[]; open?: string[]; names?: string[] }) =>
  waterfallOf({
    run,
    graph: graph(...(facts.names ?? ["load"])),
    taskRuns: facts.taskRuns,
    attempts: facts.attempts ?? [],
    open: new Set(facts.open ?? []),
    now: T0,
  });
const kinds = (pieces: readonly { kind: string; from: number; to: number }[]) =>
  pieces.map(({ kind, from, to }) => [kind, (from - T0) / 1000, (to - T0) / 1000]);

test("a task's time is waiting, queued, and what it ran", () => {
  const [row] = draw({ taskRuns: [taskRun({ queuedAt: at(2), claimedAt: at(3), startedAt: at(3) })] }).rows;
  expect(kinds(row!.pieces)).toEqual([
    ["waiting", 0, 2],
    ["queued", 2, 3],
    ["ran", 3, 5],
  ]);
  expect(row!.ranMs).toBe(2000);
});

test("between two attempts it waits to retry, and each attempt is a line when it is open", () => {
  const facts = {
    taskRuns: [taskRun({ claim: 2, attempt: 2, queuedAt: at(4), claimedAt: at(4), startedAt: at(4), endedAt: at(6) })],
    attempts: [
      attempt({}),
      attempt({
        attempt: 2,
        claim: 2,
        queuedAt: at(4),
        claimedAt: at(4),
        startedAt: at(4),
        endedAt: at(6),
        outcome: "succeeded",
      }),
    ],
  };
  const [row] = draw(facts).rows;
  expect(kinds(row!.pieces)).toEqual([
    ["queued", 0, 1],
    ["ran", 1, 2],
    ["retry_wait", 2, 4],
    ["ran", 4, 6],
  ]);
  expect(draw({ ...facts, open: ["load"] }).rows.map(({ label, state }) => `${label} ${state}`)).toEqual([
    "load succeeded",
    "attempt 1 failed",
    "attempt 2 succeeded",
  ]);
});

test("an attempt that the stream told before the list did is not drawn twice", () => {
  const taskRuns = [
    taskRun({ claim: 2, attempt: 2, queuedAt: at(4), claimedAt: at(4), startedAt: at(4), endedAt: at(6) }),
  ];
  expect(kinds(draw({ taskRuns, attempts: [attempt({})] }).rows[0]!.pieces).at(-1)).toEqual(["ran", 4, 6]);
});

test("a mapped task is one line, as bad as its worst element; its elements fold", () => {
  const elements = Array.from({ length: 9 }, (_, mapIndex) =>
    taskRun({ id: mapIndex, task: "extract*", mapIndex, state: mapIndex === 4 ? "failed" : "succeeded" }),
  );
  const closed = draw({ taskRuns: elements, names: ["extract*"] }).rows;
  expect(closed).toMatchObject([{ state: "failed", note: "× 9", folds: "closed" }]);
  expect(draw({ taskRuns: elements, names: ["extract*"], open: ["extract*"] }).rows).toHaveLength(10);
});

test("what has not begun is there all the same", () => {
  const { rows } = waterfallOf({
    run: { ...run, state: "running", endedAt: null },
    graph: graph("load", "notify"),
    taskRuns: [taskRun({})],
    attempts: [],
    open: NONE,
    now: T0 + 9000,
  });
  expect(rows.map(({ task, state }) => `${task} ${state}`)).toEqual(["load succeeded", "notify waiting"]);
});

test("at a moment of the past, a run is as it was then", () => {
  const rows = {
    taskRuns: [
      taskRun({ claim: 2, attempt: 2, queuedAt: at(4), claimedAt: at(5), startedAt: at(5), endedAt: at(6) }),
      taskRun({ id: 2, task: "notify", queuedAt: at(6), claimedAt: at(7), startedAt: at(7), endedAt: at(8) }),
    ],
    attempts: [
      attempt({}),
      attempt({
        attempt: 2,
        claim: 2,
        queuedAt: at(4),
        claimedAt: at(5),
        startedAt: at(5),
        endedAt: at(6),
        outcome: "succeeded",
      }),
    ],
  };
  const states = (s: number) => asItWas(rows, T0 + s * 1000).taskRuns.map(({ task, state }) => `${task} ${state}`);
  expect(states(0.5)).toEqual(["load queued"]);
  expect(states(1.5)).toEqual(["load running"]);
  expect(states(3)).toEqual(["load up_for_retry"]);
  expect(states(4.5)).toEqual(["load queued"]);
  expect(states(6.5)).toEqual(["load succeeded", "notify queued"]);
  expect(states(9)).toEqual(["load succeeded", "notify succeeded"]);
});
