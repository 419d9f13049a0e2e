import { expect, test } from "vitest";
import { FailWithoutRetry, RetryAfter, SkipTask } from "./control.ts";

test("RetryAfter has its delay in milliseconds", () => {
  expect(new RetryAfter("5m")).toMatchObject({ name: "RetryAfter", delayMs: 300_000, message: "try again in 5m" });
  expect(new RetryAfter(250, "busy").delayMs).toBe(250);
  expect(() => new RetryAfter("soon")).toThrow(expect.objectContaining({ code: "BAD_DURATION" }));
});

test("FailWithoutRetry and SkipTask are errors with a name", () => {
  const cause = new Error("inner");
  expect(new FailWithoutRetry("no card", { cause })).toMatchObject({
    name: "FailWithoutRetry",
    message: "no card",
    cause,
  });
  expect(new SkipTask("no rows")).toMatchObject({ name: "SkipTask", reason: "no rows" });
});
