import { expect, test } from "vitest";
import { cleanEnvironment } from "../../core/clean-environment.ts";
import { abortOutcome } from "./abort-outcome.ts";
import { crashError } from "./crash.ts";

test("a child gets what it needs to run, what the configuration adds, and no more", () => {
  const host = {
    PATH: "/bin",
    LC_TIME: "C",
    HTTPS_PROXY: "p",
    AWS_SECRET_ACCESS_KEY: "s",
    TUTTI_CONNECTION_X: "s",
    NODE_OPTIONS: "--inspect",
    EMPTY: undefined,
  };
  expect(cleanEnvironment(host, { MINE: "1" })).toEqual({ PATH: "/bin", LC_TIME: "C", HTTPS_PROXY: "p", MINE: "1" });
});

test.each([
  [
    { code: 3, signal: null, lines: ["bye"] },
    1,
    /^The process of this task exited with code 3\.\nIts last lines:\n {2}bye$/,
  ],
  [{ code: 0, signal: null, lines: [] }, 1, /process\.exit\(\)/],
  [{ code: null, signal: "SIGKILL", lines: [] }, 3, /and 2 more was ended by SIGKILL.*memory/],
  [
    {
      code: null,
      signal: "SIGABRT",
      lines: ["FATAL ERROR: Reached heap limit Allocation failed - JavaScript heap out of memory"],
    },
    1,
    /ran out of memory.*max-old-space-size/s,
  ],
])("a crash %j of %i tasks says what happened", (exit, tasks, expected) => {
  expect(crashError(exit, tasks)).toMatchObject({ code: "CHILD_CRASHED", message: expect.stringMatching(expected) });
});

const succeeded = { state: "succeeded", output: null, lists: null, arms: null } as const;
const failed = {
  state: "failed",
  error: { name: "Error", message: "mine" },
  rule: 0,
  retryAfterMs: null,
  final: false,
} as const;

test("what was told to stop has ended as that, whatever its code made of it", () => {
  expect(abortOutcome("cancelled", null, succeeded)).toEqual({ state: "cancelled" });
  expect(abortOutcome("timed_out", 50, succeeded)).toMatchObject({ state: "failed", error: { code: "TIMED_OUT" } });
  expect(abortOutcome("timed_out", 50, failed)).toMatchObject({
    rule: null,
    error: { code: "TIMED_OUT", cause: { message: "mine" } },
  });
});

test("a shutdown keeps a result, and knows nothing of a task that did not come to one", () => {
  expect(abortOutcome("shutdown", null, succeeded)).toBe(succeeded);
  expect(abortOutcome("shutdown", null, failed)).toBeNull();
  expect(abortOutcome("shutdown", null, null)).toBeNull();
});
