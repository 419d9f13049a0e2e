import { expect, test } from "vitest";
import { Replay } from "./replay.ts";
import type { StepId, StepRecord } from "./step-record.ts";

const id = (name: string): StepId => ({ kind: "step", name, key: null, nth: 1 });
const ended = (name: string): StepRecord => ({ kind: "step", id: id(name), value: `[${JSON.stringify(name)}]` });
const recordedBy = (hash: string, ...names: string[]): StepRecord[] => [{ kind: "version", hash }, ...names.map(ended)];

/** A body that asks for these, one after the other: what it got, or the code of what was thrown. */
async function asks(replay: Replay, ...names: string[]): Promise<unknown[]> {
  const heard: unknown[] = [];
  for (const name of names) {
    heard.push(
      await replay.ask(id(name)).then(
        (end) => (end === null ? "new" : end.kind),
        (error: { code: string }) => error.code,
      ),
    );
  }
  return heard;
}

const ports = {
  turn: (call: () => void): void => void setImmediate(call),
  // A body of these tests that waits for an answer does nothing else.
  stall: (call: () => void): (() => void) => {
    const timer = setTimeout(call, 20);
    return () => clearTimeout(timer);
  },
};

const body = { fetch: (): Promise<unknown> | null => null };

test("the same code gets what is recorded, and then goes on", async () => {
  const replay = new Replay(recordedBy("v1", "a", "b"), "v1", ports, body);
  expect(await asks(replay, "a", "b", "c")).toEqual(["step", "step", "new"]);
});

test.each([
  ["another order", ["b"], ["STEPS_CHANGED"]],
  ["a step in between", ["a", "x"], ["step", "STEPS_CHANGED"]],
  ["a step less", ["a", "c"], ["step", "STEPS_CHANGED"]],
] as const)("the same code that asks for %s has changed", async (_, names, heard) => {
  const replay = new Replay(recordedBy("v1", "a", "b", "c"), "v1", ports, body);
  expect(await asks(replay, ...names)).toEqual(heard);
});

test("other code may leave steps out, which are listed", async () => {
  const replay = new Replay(recordedBy("v1", "a", "b", "c", "d"), "v2", ports, body);
  expect(await asks(replay, "a", "c")).toEqual(["step", "step"]);
  expect(replay.leftOver).toEqual(['"b"', '"d"']);
});

test.each([
  ["asks for what it left out", ["a", "c", "b"], ["step", "step", "STEPS_CHANGED"]],
  ["has a new step before recorded ones", ["a", "x"], ["step", "STEPS_CHANGED"]],
] as const)("other code that %s does not match the record", async (_, names, heard) => {
  const replay = new Replay(recordedBy("v1", "a", "b", "c"), "v2", ports, body);
  expect(await asks(replay, ...names)).toEqual(heard);
});

test("what is handed out next waits until what is in front of it has been read", async () => {
  const reading = Promise.withResolvers<void>();
  const fetch = ({ id: { name } }: { id: StepId }) => (name === "a" ? reading.promise : null);
  const replay = new Replay(recordedBy("v1", "a", "b"), "v1", ports, { fetch });
  const heard: string[] = [];
  const all = ["a", "b"].map(async (name) => {
    await replay.ask(id(name));
    heard.push(name);
  });
  setTimeout(reading.resolve, 5);
  await Promise.all(all);
  expect(heard).toEqual(["a", "b"]);
});
