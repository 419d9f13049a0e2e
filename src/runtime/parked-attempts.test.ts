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
