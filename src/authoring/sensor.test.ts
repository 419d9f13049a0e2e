import { expect, test } from "vitest";
import { build } from "./build.ts";
import { dag } from "./dag.ts";
import { sensor } from "./sensor.ts";
import { task } from "./task.ts";

const manifestOf = (options: object) =>
  build(dag("files", {}, () => void sensor("landed", options, () => undefined)())).manifest.tasks[0];

test("a sensor is a task with how it looks, and a limit for each check", () => {
  expect(manifestOf({ every: "30s", timeout: "6h", retries: 2 })).toMatchObject({
    kind: "task",
    timeoutMs: 60_000,
    retries: { limit: 2 },
    sensor: { everyMs: 30_000, backoff: "fixed", maxEveryMs: 30_000, timeoutMs: 21_600_000, onTimeout: "fail" },
  });
  expect(manifestOf({ backoff: "exponential", checkTimeout: "5s", onTimeout: "skip" })).toMatchObject({
    timeoutMs: 5_000,
    sensor: {
      everyMs: 60_000,
      backoff: "exponential",
      maxEveryMs: 3_600_000,
      timeoutMs: 604_800_000,
      onTimeout: "skip",
    },
  });
});

test("a task that is no sensor has nothing of it in its manifest", () => {
  const built = build(dag("plain", {}, () => void task("plain", () => 1)()));
  expect(built.manifest.tasks[0]).not.toHaveProperty("sensor");
});

test("with and as keep what a sensor is", () => {
  const landed = sensor("landed", { every: "30s" }, () => 1);
  const built = build(dag("files", {}, () => void landed.with({ timeout: "1h" }).as("again")()));
  expect(built.manifest.tasks[0]).toMatchObject({ name: "again", sensor: { everyMs: 30_000, timeoutMs: 3_600_000 } });
});

test.each([
  [{ every: 0 }, "BAD_OPTION"],
  [{ every: "soon" }, "BAD_DURATION"],
  [{ timeout: 0 }, "BAD_OPTION"],
  [{ onTimeout: "stop" }, "BAD_OPTION"],
  [{ backoff: "linear" }, "BAD_OPTION"],
  [{ evry: "1m" }, "UNKNOWN_OPTION"],
] as const)("%o is refused as %s", (options, code) => {
  expect(() => manifestOf(options)).toThrowError(expect.objectContaining({ code }));
});

test("an unknown option is told with those that a sensor takes", () => {
  expect(() => manifestOf({ evry: "1m" })).toThrow(/Did you mean "every"\?.*"onTimeout"/);
});

test("a sensor without a function is refused", () => {
  expect(() => sensor("landed", { every: "1m" } as never)).toThrowError(expect.objectContaining({ code: "BAD_BODY" }));
});
