import { expect, test } from "vitest";
import { fakeAttempt } from "../testing/fake-attempt.ts";
import { Attempt } from "./attempt.ts";
import { ParkedAttempts } from "./parked-attempts.ts";

const { attempt: some } = fakeAttempt(undefined);

const parked = (taskRunId: number): Attempt =>
  new Attempt(
    some.run,
    { ...some.task, taskRunId, values: { "out:0": { kind: "text", text: "large" } } },
    0,
    some.ports,
  );

const again = ({ task }: Attempt) => ({ ...task, claim: task.claim + 1, wait: { startedAt: 0 } }) as Attempt["task"];

test("code that waits goes on where it was, once, and keeps nothing of what its input was made from", () => {
  const attempts = new ParkedAttempts();
  const attempt = parked(7);
  attempts.add(attempt);
  expect(attempt.task.values).toEqual({});
  expect(attempts.take(again(attempt))).toBe(attempt);
  expect(attempts.take(again(attempt))).toBeNull();
});

test("without room the half that has waited longest is given up, in silence, and the rest stays", () => {
  let hasRoom = true;
  const attempts = new ParkedAttempts(() => hasRoom);
  const all = Array.from({ length: 1_024 }, (_, place) => parked(place));
  for (const attempt of all.slice(0, 512)) attempts.add(attempt);
  hasRoom = false;
  for (const attempt of all.slice(512)) attempts.add(attempt);
  const left = all.filter((attempt) => attempts.take(again(attempt)) !== null);
  // At 768 half of them, and as many later half of what there is then: what was given up may not be collected yet.
  expect(left.map(({ task }) => task.taskRunId)).toEqual(Array.from({ length: 640 }, (_, place) => 384 + place));
  expect(all.every(({ abortedFor }) => abortedFor === null)).toBe(true);
});

test("its process ends when all that was told to stop has: what only waits holds nothing up", () => {
  const attempts = new ParkedAttempts();
  const [one, other, waiting] = [parked(1), parked(2), parked(3)];
  for (const attempt of [one, other, waiting]) attempts.add(attempt);
  attempts.drop({ ...one.task, claim: one.task.claim + 1 }, "cancelled");
  let stopped = 0;
  attempts.whenStopped(() => stopped++);
  expect(stopped).toBe(1);
  attempts.drop(one.task, "cancelled");
  expect(attempts.take({ ...other.task, claim: other.task.claim + 2, wait: null })).toBeNull();
  expect([one, other, waiting].map(({ abortedFor }) => abortedFor)).toEqual(["cancelled", "cancelled", null]);
  attempts.whenStopped(() => stopped++);
  attempts.ended(one);
  attempts.ended(one);
  expect(stopped).toBe(1);
  attempts.ended(other);
  expect(stopped).toBe(2);
});
