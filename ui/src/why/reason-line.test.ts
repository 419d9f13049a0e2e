import { expect, test } from "vitest";
import { reasonLine } from "./reason-line.ts";

const at = "2026-11-23T12:00:00.000Z";

test("a full pool says how full it is, who holds it, and its place in line", () => {
  const line = reasonLine({
    kind: "limit",
    limit: "pool",
    name: "warehouse",
    key: null,
    slots: 1,
    used: 2,
    max: 2,
    holders: [{ runId: "r", workflow: "retail", task: "load", mapIndex: 3, since: at }],
    freeInMs: null,
    ahead: 4,
  });
  expect(line).toMatchObject({ met: "wait", name: 'pool "warehouse"', to: "/ops" });
  expect(line.text).toMatch(/^2 of 2 taken; 4 in line before it\. Held by retail \/ load\[3\] since /);
});

test("what nobody but a person can change is not met, the rest waits", () => {
  expect(reasonLine({ kind: "no_worker", queue: "gpu" })).toMatchObject({
    met: "no",
    answer: 'no worker serves queue "gpu"',
  });
  expect(reasonLine({ kind: "no_scheduler" }).met).toBe("no");
  expect(
    reasonLine({ kind: "run_queued", paused: { at, by: "ada" }, atWork: 0, maxActiveRuns: 1, dependsOnPast: [] }),
  ).toMatchObject({ met: "no", answer: "its workflow is paused by ada" });
  expect(
    reasonLine({ kind: "run_queued", paused: null, atWork: 1, maxActiveRuns: 1, dependsOnPast: ["load"] }).text,
  ).toBe("1 of at most 1 run at work; load must succeed in the window before.");
});

test("an approval leads to where it is answered, another event to the events", () => {
  expect(reasonLine({ kind: "event", names: ["approval"], until: null })).toMatchObject({
    to: "/approvals",
    text: "It waits for a person's answer.",
  });
  expect(reasonLine({ kind: "event", names: ["a", "b"], until: null }).text).toBe(
    'It waits for event "a" or event "b".',
  );
});

test("a success with a value that was there says whose it is, and leads there", () => {
  const line = reasonLine({ kind: "succeeded", endedAt: at, cached: { runId: "r1", madeAt: at } });
  expect(line).toMatchObject({ met: "yes", to: "/runs/r1", answer: "it took a value that was there" });
  expect(line.text).toMatch(
    /^It succeeded at .*, with the value that run r1 made at .*: input and code are the same\.$/,
  );
  expect(reasonLine({ kind: "succeeded", endedAt: null })).toEqual({
    met: "yes",
    name: "succeeded",
    text: "It succeeded.",
    answer: "it succeeded",
  });
});

test("a retry says what went wrong and when it goes on", () => {
  const error = { name: "Error", message: "it broke.\nmore", stack: "" };
  expect(reasonLine({ kind: "timer", what: "retry", until: at, error, attempt: 2, checks: null }).text).toMatch(
    /^it broke\. Tried again at .*, as attempt 2\.$/,
  );
});
