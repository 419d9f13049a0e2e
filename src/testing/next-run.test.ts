import { describe, expect, test } from "vitest";
import { cron, daily, dates } from "tutti";
import { nextRun } from "./next-run.ts";

const code = (name: string) => expect.objectContaining({ code: name });
const last = { start: "2025-08-10", end: "2025-08-11" };
const text = (run: ReturnType<typeof nextRun>) =>
  run && [run.fireAt, run.window.start].map((date) => date.toISOString().slice(5, 16)).join(" ");

describe("after a window", () => {
  test("without catchup the latest that is owed comes next; with it, the first", () => {
    expect(text(nextRun("@daily", { now: "2025-08-14T09:00Z", last }))).toBe("08-14T00:00 08-13T00:00");
    expect(text(nextRun("@daily", { now: "2025-08-14T09:00Z", last, catchup: true }))).toBe("08-12T00:00 08-11T00:00");
  });
  test("what is not owed yet is what is to come", () => {
    expect(text(nextRun(daily({ at: "06:00" }), { now: "2025-08-12T05:00Z", last }))).toBe("08-12T06:00 08-11T00:00");
  });
  test("its own window goes in again", () => {
    const first = nextRun(cron("30 2 * * *", { timezone: "Europe/Zurich" }), { now: "2023-10-28T12:00Z" })!;
    expect(text(first)).toBe("10-29T01:30 10-28T00:30");
    expect(
      text(
        nextRun(cron("30 2 * * *", { timezone: "Europe/Zurich" }), { now: "2023-10-28T12:00Z", last: first.window }),
      ),
    ).toBe("10-30T01:30 10-29T01:30");
  });
});

test("enabling makes nothing run at once", () => {
  expect(text(nextRun("@daily", { now: "2025-08-14T09:00Z" }))).toBe("08-15T00:00 08-14T00:00");
  expect(text(nextRun("@daily", { now: "2025-08-14T09:00Z", start: "2025-08-01", catchup: true }))).toBe(
    "08-02T00:00 08-01T00:00",
  );
});

test("where a schedule ends there is none", () => {
  expect(nextRun("@daily", { now: "2025-08-14T09:00Z", end: "2025-08-14" })).toBeNull();
  expect(nextRun(dates(["2025-08-12"]), { now: "2025-08-14T09:00Z" })).toBeNull();
  expect(nextRun("@once", { now: "2025-08-14T09:00Z", last })).toBeNull();
});

test("what is none is refused", () => {
  expect(() => nextRun("@daily", { now: "noon" })).toThrow(code("BAD_DATE"));
  expect(() => nextRun("@daily", { last: { start: "2025-08-10" } as never })).toThrow(code("BAD_DATE"));
  expect(() => nextRun("@daily", { from: "2025-08-10" } as never)).toThrow(code("UNKNOWN_OPTION"));
  expect(() => nextRun("daily" as never)).toThrow(code("BAD_SCHEDULE"));
  expect(() => nextRun("@daily", { start: "2025-08-10", end: "2025-08-09" })).toThrow(code("BAD_DATE"));
});
