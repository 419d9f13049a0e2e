import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  type BackfillRange,
  backfillWindows,
  checkBackfill,
  judgeWindow,
  REPROCESS,
  type WindowFound,
} from "./backfill.ts";
import type { ScheduleManifest } from "./schedule.ts";

const at = (iso: string): number => Date.parse(iso) * 1000;
const daily: ScheduleManifest = { name: "schedule", kind: "preset", preset: "@daily", timezone: "UTC" };
const range = (more: Partial<BackfillRange> = {}): BackfillRange => ({
  schedule: daily,
  from: "2025-01-01",
  to: "2025-01-05",
  order: "oldest",
  ...more,
});
const [window] = [...backfillWindows(range())];
const found = (
  state: "run" | "missed" | "passed_over",
  lastOutcome: NonNullable<WindowFound["row"]>["lastOutcome"] = null,
  unfinished = false,
): WindowFound => ({ row: { state, lastOutcome }, unfinished });
const judge = (each: WindowFound, reprocess: (typeof REPROCESS)[number], now = "2026-01-01"): string =>
  Object.values(judgeWindow(window!, each, reprocess, at(now))).join(" ");

describe("a window", () => {
  it.each(REPROCESS)("whose run goes on is left alone, also with --reprocess %s", (reprocess) =>
    expect(judge(found("run", null, true), reprocess)).toBe("skip in_flight"),
  );
  it.each(REPROCESS)("that never had a run is run, also with --reprocess %s", (reprocess) => {
    expect(judge({ row: null, unfinished: false }, reprocess)).toBe("run missing");
    expect(judge(found("missed"), reprocess)).toBe("run missed");
    expect(judge(found("passed_over"), reprocess)).toBe("run passed_over");
  });
  it("whose run has ended is run again as asked", () => {
    const judged = (["succeeded", "failed", "cancelled"] as const).map((outcome) =>
      REPROCESS.map((reprocess) => judge(found("run", outcome), reprocess)),
    );
    expect(judged).toEqual([
      ["skip already_exists", "skip already_exists", "run succeeded"],
      ["skip already_exists", "run failed", "run failed"],
      ["skip already_exists", "run cancelled", "run cancelled"],
    ]);
  });
  it("that has not ended itself is not run", () => {
    expect(judge({ row: null, unfinished: false }, "all", "2025-01-01T23:59Z")).toBe("skip not_ended");
    expect(judge({ row: null, unfinished: false }, "all", "2025-01-02T00:00Z")).toBe("run missing");
  });
});

describe("the order", () => {
  it("newest first is oldest first from its end, in every zone", () => {
    const zones = fc.constantFrom("UTC", "America/Sao_Paulo", "America/Havana", "Australia/Lord_Howe", "Pacific/Apia");
    const schedules = zones.chain((timezone) =>
      fc.constantFrom<ScheduleManifest>(
        { name: "s", kind: "preset", preset: "@hourly", timezone },
        { name: "s", kind: "daily", at: "06:00", timezone, skip: { dates: ["2023-11-06", "2018-02-18"] } },
        { name: "s", kind: "cron", expressions: ["30 1 * * *", "0 12 * * MON"], timezone },
        { name: "s", kind: "preset", preset: "@weekly", timezone },
        { name: "s", kind: "dates", dates: ["2023-11-05T06:00:00.000Z", "2018-02-18T06:00:00.000Z"], timezone },
      ),
    );
    const dates = fc.constantFrom("2023-11-04", "2018-02-17", "2011-12-29", "2023-09-30", "2025-08-12");
    fc.assert(
      fc.property(schedules, dates, fc.nat(9), (schedule, from, more) => {
        const to = new Date(Date.parse(from) + more * 86_400_000).toISOString().slice(0, 10);
        const [oldest, newest] = (["oldest", "newest"] as const).map((order) => [
          ...backfillWindows({ schedule, from, to, order }),
        ]);
        expect(newest).toEqual(oldest!.toReversed());
      }),
      { numRuns: 200 },
    );
  });
});

describe("what is refused before anything is run", () => {
  const code = (name: string) => expect.objectContaining({ code: name });
  it("a range without windows, too many, in the wrong order, or newest first where each needs the one before", () => {
    expect(checkBackfill(range(), true)).toBe(5);
    expect(() =>
      checkBackfill(
        range({ schedule: { name: "s", kind: "preset", preset: "@yearly", timezone: "UTC" }, from: "2025-01-02" }),
        false,
      ),
    ).toThrow(code("BACKFILL_EMPTY"));
    expect(() =>
      checkBackfill(range({ schedule: { name: "s", kind: "every", everyMs: 1000, anchor: "2025-01-01" } }), false),
    ).toThrow(code("TOO_MANY_WINDOWS"));
    expect(() => checkBackfill(range({ from: "2025-01-09" }), false)).toThrow(code("BAD_DATE"));
    expect(() => checkBackfill(range({ order: "newest" }), true)).toThrow(code("BACKFILL_NEWEST_FIRST"));
    expect(checkBackfill(range({ order: "newest" }), false)).toBe(5);
  });
});
