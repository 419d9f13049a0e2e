import { expect, test } from "vitest";
import { Gate } from "./gate.ts";
import { Outbox } from "./outbox.ts";
import type { Finished, FromChild } from "./protocol.ts";

const started = (taskRunId: number) => ({ kind: "started", taskRunId, claim: 1, at: 0 }) as const;
const finished = (taskRunId: number): Finished => ({
  kind: "finished",
  taskRunId,
  claim: 1,
  startedAt: 0,
  endedAt: 0,
  outcome: { state: "cancelled" },
});
const turn = () => new Promise((resolve) => setImmediate(resolve));

function boxed() {
  const batches: FromChild[][] = [];
  return { batches, outbox: new Outbox((batch) => batches.push(batch)) };
}

test("what is said in one turn leaves as one batch", async () => {
  const { outbox, batches } = boxed();
  outbox.push({ kind: "ready" });
  outbox.started(0, started(1));
  expect(batches).toEqual([]);
  await turn();
  expect(batches).toEqual([[{ kind: "ready" }, started(1)]]);
});

test("a task that starts and ends in one turn says only how it ended, after its log", async () => {
  const { outbox, batches } = boxed();
  const line = { kind: "pong", beat: 1, rssBytes: 0 } as const;
  outbox.started(0, started(1));
  outbox.push(line);
  outbox.finished(0, finished(1));
  outbox.started(1, started(2));
  await turn();
  outbox.finished(1, finished(2));
  await turn();
  expect(batches).toEqual([[line, finished(1), started(2)], [finished(2)]]);
});

test("what must not be lost leaves at once when nothing has left for a while", async () => {
  const { outbox, batches } = boxed();
  await new Promise((resolve) => setTimeout(resolve, 10));
  outbox.pushSoon({ kind: "ready" });
  outbox.pushSoon({ kind: "ready" });
  expect(batches).toHaveLength(1);
  await turn();
  expect(batches).toHaveLength(2);
});

test("of starting a task and taking it back exactly one succeeds, in each turn of its slot", () => {
  const gate = Gate.of(2);
  const other = new Gate(gate.memory);
  expect([gate.take(0, 1), other.takeBack(0, 1)]).toEqual([true, false]);
  expect([other.takeBack(1, 2), gate.take(1, 2)]).toEqual([true, false]);
  expect([other.takeBack(0, 3), gate.take(1, 4)]).toEqual([true, true]);
});

test("a task that has ended is not taken back, and the next one in its slot starts", () => {
  const gate = Gate.of(1);
  const other = new Gate(gate.memory);
  gate.take(0, 1);
  expect([other.takeBack(0, 1), gate.take(0, 2), other.takeBack(0, 1)]).toEqual([false, true, false]);
});

test("the gate says whose code has the loop", () => {
  const gate = Gate.of(2);
  const other = new Gate(gate.memory);
  expect(other.inside).toBeNull();
  gate.inside = 0;
  expect(other.inside).toBe(0);
  gate.inside = null;
  expect(other.inside).toBeNull();
});
