import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { ScheduleManifest, ScheduleRuleManifest } from "./schedule.ts";
import { type ScheduleCursor, windowKey } from "./schedule-cursor.ts";
import { decideOwed, MAX_DECISIONS, type Owed, type ScheduleFacts } from "./schedule-owed.ts";
import { comingRuns } from "./schedule-preview.ts";

const at = (iso: string): number => Date.parse(iso) * 1000;
const HOUR = 3_600_000_000;
const named = (rule: ScheduleRuleManifest): ScheduleManifest => ({ name: "schedule", ...rule });
const hourly = named({ kind: "preset", preset: "@hourly", timezone: "UTC" });
const daily = named({ kind: "preset", preset: "@daily", timezone: "UTC" });
const preset = (name: "@once" | "@continuous") => named({ kind: "preset", preset: name, timezone: "UTC" });

const facts = (more: Partial<ScheduleFacts> & { readonly now: number }): ScheduleFacts => ({
  workflow: "w",
  schedule: hourly,
  start: null,
  end: null,
  catchup: false,
  cursor: null,
  enabledSince: at("2025-01-01T00:00:01Z"),
  upSince: at("2025-01-01T00:00:01Z"),
  unfinished: 0,
  ...more,
});
const shown = ({ decided }: Owed): string[] =>
  decided.map(({ state, window }) => `${state} ${new Date(window.start / 1000).toISOString().slice(5, 16)}`);
const cursorAfter = (of: Partial<ScheduleFacts>, now: string): ScheduleCursor =>
  decideOwed(facts({ ...of, now: at(now) })).decided.at(-1)!.cursor;

describe("a workflow that is enabled", () => {
  const enabledSince = at("2025-08-12T09:30Z");
  it("starts nothing at once, but at the next firing", () => {
    const owed = decideOwed(facts({ now: enabledSince, enabledSince, upSince: enabledSince }));
    expect(owed.decided).toEqual([]);
    expect(owed.next?.fireAt).toBe(at("2025-08-12T10:00Z"));
  });
  it("runs a window that closed before and fires after", () => {
    const schedule = named({ kind: "daily", at: "10:00", timezone: "UTC" });
    const owed = decideOwed(facts({ schedule, now: at("2025-08-12T10:00Z"), enabledSince, upSince: enabledSince }));
    expect(shown(owed)).toEqual(["run 08-11T00:00"]);
  });
  it("runs a window that fires at this very moment", () => {
    const enabledSince = at("2025-08-12T10:00Z");
    expect(shown(decideOwed(facts({ now: enabledSince, enabledSince, upSince: enabledSince })))).toEqual([
      "run 08-12T09:00",
    ]);
  });
  it("with catchup runs every window since its start", () => {
    const of = { catchup: true, start: "2025-08-12T06:30", enabledSince, upSince: enabledSince };
    expect(shown(decideOwed(facts({ ...of, now: enabledSince })))).toEqual(["run 08-12T07:00", "run 08-12T08:00"]);
  });
  it("with catchup and no start there is nothing to go back to", () => {
    expect(shown(decideOwed(facts({ catchup: true, now: enabledSince, enabledSince, upSince: enabledSince })))).toEqual(
      [],
    );
  });
});

describe("a schedule that goes on", () => {
  it("decides each window once", () => {
    const first = decideOwed(facts({ now: at("2025-01-01T02:10Z") }));
    expect(shown(first)).toEqual(["run 01-01T00:00", "run 01-01T01:00"]);
    const cursor = first.decided.at(-1)!.cursor;
    expect(decideOwed(facts({ cursor, now: at("2025-01-01T02:59Z") })).decided).toEqual([]);
    expect(shown(decideOwed(facts({ cursor, now: at("2025-01-01T03:00Z") })))).toEqual(["run 01-01T02:00"]);
  });
  it("does nothing when the clock goes back", () => {
    const cursor = cursorAfter({}, "2025-01-01T05:00Z");
    const owed = decideOwed(facts({ cursor, now: at("2025-01-01T04:00Z") }));
    expect([owed.decided, owed.next?.fireAt]).toEqual([[], at("2025-01-01T06:00Z")]);
  });
  it("makes nothing due that is not when the clock goes back to before it was enabled", () => {
    const enabledSince = at("2025-01-01T09:30Z");
    const cursor = cursorAfter({}, "2025-01-01T05:30Z");
    for (const catchup of [true, false]) {
      const of = { cursor, catchup, enabledSince, upSince: enabledSince, now: at("2025-01-01T06:30Z") };
      expect(decideOwed(facts(of)).decided.map(({ fireAt }) => fireAt)).toEqual([at("2025-01-01T06:00Z")]);
    }
  });
  it("stays inside start and end", () => {
    const of = { start: "2025-01-01T03:30", end: "2025-01-01T06:30" };
    const owed = decideOwed(facts({ ...of, now: at("2025-01-02T00:00Z") }));
    expect(shown(owed)).toEqual(["run 01-01T04:00", "run 01-01T05:00"]);
    expect(owed.next).toBeNull();
  });
  it("decides no more than it may at once, and says that more is due", () => {
    const minutely = named({ kind: "every", everyMs: 60_000, anchor: "2025-01-01T00:00Z" });
    const owed = decideOwed(
      facts({ schedule: minutely, catchup: true, start: "2025-01-01", now: at("2025-03-01T00:00Z") }),
    );
    expect(owed.decided).toHaveLength(MAX_DECISIONS);
    expect(owed.next!.fireAt).toBeLessThan(at("2025-03-01T00:00Z"));
  });
});

describe("a schedule that was paused", () => {
  const cursor = cursorAfter({}, "2025-01-01T05:30Z");
  const unpaused = at("2025-01-01T09:30Z");
  it("is decided nothing while it is", () => {
    expect(decideOwed(facts({ cursor, enabledSince: null, now: unpaused }))).toEqual({ decided: [], next: null });
  });
  it("passes over what was due, and starts nothing at once", () => {
    const owed = decideOwed(facts({ cursor, enabledSince: unpaused, now: unpaused }));
    expect(shown(owed)).toEqual(["05", "06", "07", "08"].map((hour) => `passed_over 01-01T${hour}:00`));
    expect(owed.next?.fireAt).toBe(at("2025-01-01T10:00Z"));
  });
  it("with catchup runs it", () => {
    const owed = decideOwed(facts({ cursor, catchup: true, enabledSince: unpaused, now: unpaused }));
    expect(shown(owed)).toEqual(["05", "06", "07", "08"].map((hour) => `run 01-01T${hour}:00`));
  });
  it("tells only the last of a long past one by one, and comes to the present all the same", () => {
    const now = at("2026-01-01T00:30Z");
    const owed = decideOwed(facts({ cursor, enabledSince: now, now }));
    expect(owed.decided).toHaveLength(MAX_DECISIONS);
    expect(shown(owed).at(-1)).toBe("passed_over 12-31T23:00");
    expect(owed.next?.fireAt).toBe(at("2026-01-01T01:00Z"));
  });
});

describe("a schedule without a scheduler", () => {
  const cursor = cursorAfter({}, "2025-01-01T05:30Z");
  const upSince = at("2025-01-01T09:30Z");
  it("runs the latest that was due, and the others are missed", () => {
    const owed = decideOwed(facts({ cursor, upSince, now: upSince }));
    expect(shown(owed)).toEqual(["missed 01-01T05:00", "missed 01-01T06:00", "missed 01-01T07:00", "run 01-01T08:00"]);
  });
  it("with catchup runs all of them", () => {
    const owed = decideOwed(facts({ cursor, catchup: true, upSince, now: upSince }));
    expect(shown(owed)).toEqual(["05", "06", "07", "08"].map((hour) => `run 01-01T${hour}:00`));
  });
  it("that is paused meanwhile and unpaused starts nothing at once", () => {
    const owed = decideOwed(facts({ cursor, upSince, enabledSince: upSince, now: upSince }));
    expect(shown(owed).every((each) => each.startsWith("passed_over"))).toBe(true);
  });
  it("owes the first window too", () => {
    const enabledSince = at("2025-01-01T00:30Z");
    const owed = decideOwed(facts({ enabledSince, upSince: at("2025-01-01T02:30Z"), now: at("2025-01-01T02:30Z") }));
    expect(shown(owed)).toEqual(["missed 01-01T00:00", "run 01-01T01:00"]);
  });
});

describe("a schedule that was edited", () => {
  const cursor = cursorAfter({ schedule: daily }, "2025-08-12T00:10Z");
  it("goes on with the first window of the new rule that ends after the cursor: it may overlap, and leaves no gap", () => {
    const weekly = named({ kind: "preset", preset: "@weekly", timezone: "UTC" });
    const owed = decideOwed(facts({ schedule: weekly, cursor, now: at("2025-08-12T08:00Z") }));
    expect(owed.decided).toEqual([]);
    expect(owed.next).toMatchObject({ window: { date: "2025-08-10" }, fireAt: at("2025-08-17T00:00Z") });
  });
  it("does not fire again what was decided", () => {
    const owed = decideOwed(facts({ schedule: hourly, cursor, now: at("2025-08-12T02:00Z") }));
    expect(shown(owed)).toEqual(["run 08-12T00:00", "run 08-12T01:00"]);
  });
  it("runs the latest hundred of a much finer rule, and the others are missed", () => {
    const schedule = named({ kind: "every", everyMs: 1000, anchor: "1970-01-01T00:00:00Z" });
    const owed = decideOwed(facts({ schedule, cursor, now: at("2025-08-12T23:00Z") }));
    const runs = owed.decided.filter(({ state }) => state === "run");
    expect([runs.length, owed.decided.length, runs[0]!.window.start]).toEqual([
      100,
      MAX_DECISIONS + 100,
      at("2025-08-12T22:58:20Z"),
    ]);
    expect(owed.next?.fireAt).toBe(at("2025-08-12T23:00:01Z"));
    const next = decideOwed(facts({ schedule, cursor: owed.decided.at(-1)!.cursor, now: at("2025-08-12T23:00:01Z") }));
    expect(shown(next)).toEqual(["run 08-12T23:00"]);
  });
  it("a new window that begins where a decided one did has another key", () => {
    const weekly = named({ kind: "weekly", begins: 1, on: 1, at: "00:00", timezone: "UTC" });
    const monday = cursorAfter({ schedule: daily }, "2025-08-12T00:10Z");
    const next = decideOwed(facts({ schedule: weekly, cursor: monday, now: at("2025-08-18T00:00Z") })).decided[0]!;
    expect(next.cursor.start).toBe(monday.start);
    expect(windowKey("schedule", next.cursor)).not.toBe(windowKey("schedule", monday));
  });
});

describe("@once", () => {
  const once = preset("@once");
  it("runs when it is enabled, and never again", () => {
    const enabledSince = at("2025-08-12T09:30Z");
    const owed = decideOwed(facts({ schedule: once, enabledSince, now: enabledSince + HOUR }));
    expect(owed.decided).toMatchObject([{ state: "run", window: { start: enabledSince, end: enabledSince } }]);
    const { cursor } = owed.decided[0]!;
    expect(decideOwed(facts({ schedule: once, cursor, now: at("2026-01-01") }))).toEqual({ decided: [], next: null });
  });
  it("runs once more after another rule had its turn", () => {
    const cursor = cursorAfter({ schedule: daily }, "2025-08-12T00:10Z");
    expect(decideOwed(facts({ schedule: once, cursor, now: at("2025-08-12T01:00Z") })).decided).toHaveLength(1);
  });
  it("waits for its start", () => {
    const owed = decideOwed(facts({ schedule: once, start: "2025-09-01", now: at("2025-08-12T09:30Z") }));
    expect([owed.decided, owed.next?.fireAt]).toEqual([[], at("2025-09-01")]);
  });
});

describe("@continuous", () => {
  const schedule = preset("@continuous");
  const enabledSince = at("2025-08-12T09:30Z");
  it("runs again when its run has ended, over the time since", () => {
    const first = decideOwed(facts({ schedule, enabledSince, now: enabledSince })).decided[0]!;
    const now = enabledSince + HOUR;
    expect(decideOwed(facts({ schedule, enabledSince, cursor: first.cursor, unfinished: 1, now })).decided).toEqual([]);
    const second = decideOwed(facts({ schedule, enabledSince, cursor: first.cursor, now })).decided;
    expect(second).toMatchObject([{ state: "run", window: { start: enabledSince, end: now } }]);
  });
  it("makes no two windows within a millisecond", () => {
    const { cursor } = decideOwed(facts({ schedule, enabledSince, now: enabledSince })).decided[0]!;
    const owed = decideOwed(facts({ schedule, enabledSince, cursor, now: enabledSince }));
    expect([owed.decided, owed.next?.fireAt]).toEqual([[], enabledSince + 1000]);
  });
});

describe("jitter", () => {
  const jittered = { ...hourly, jitterMs: 600_000 };
  it("makes a schedule late, always by the same", () => {
    const owed = decideOwed(facts({ schedule: jittered, now: at("2025-01-01T06:00Z") }));
    const late = new Set(owed.decided.map(({ fireAt, window }) => fireAt - window.end));
    expect([...late]).toHaveLength(1);
    expect([...late][0]).toBeLessThanOrEqual(600_000_000);
  });
  it("spreads schedules evenly", () => {
    const late = Array.from({ length: 1000 }, (_, place) => {
      const { next } = decideOwed(facts({ workflow: `w${place}`, schedule: jittered, now: at("2025-01-01T00:00Z") }));
      return (next!.fireAt - next!.window.end) / 600_000_000;
    });
    for (const tenth of [0, 1, 2, 3, 4, 5, 6, 7, 8, 9])
      expect(late.filter((each) => Math.min(9, Math.floor(each * 10)) === tenth).length).toBeGreaterThan(60);
  });
});

describe("what is owed over time", () => {
  const zones = fc.constantFrom("UTC", "Europe/London", "Australia/Lord_Howe", "America/Havana", "America/Sao_Paulo");
  const rules = fc.tuple(zones, fc.nat(5)).map(([timezone, place]): ScheduleRuleManifest => {
    const all: ScheduleRuleManifest[] = [
      { kind: "preset", preset: "@hourly", timezone },
      { kind: "daily", at: "02:30", timezone },
      { kind: "cron", expressions: ["*/20 * * * *"], timezone },
      { kind: "cron", expressions: ["30 1,2 * * *", "0 0 * * SUN"], timezone },
      { kind: "every", everyMs: 5_400_000, anchor: "2020-01-01T00:00Z" },
      { kind: "weekly", begins: 1, on: 2, at: "00:00", timezone },
    ];
    return all[place]!;
  });
  const moment = fc
    .constantFrom("2023-10-29", "2023-03-26", "2023-10-01", "2023-04-02", "2018-02-18", "2023-11-05", "2024-02-28")
    .map((date) => at(date) - 12 * HOUR);

  it("is what the preview said, whenever it is asked", () => {
    fc.assert(
      fc.property(
        rules,
        moment,
        fc.array(fc.integer({ min: 1, max: 9 * 3600 }), { minLength: 3, maxLength: 40 }),
        (rule, from, steps) => {
          const schedule = { ...named(rule), jitterMs: 0 };
          const fired: number[] = [];
          let cursor: ScheduleCursor | null = null;
          let now = from;
          for (const step of steps) {
            now += step * 1_000_000;
            const { decided } = decideOwed(facts({ schedule, cursor, now, enabledSince: from + 1000, upSince: from }));
            fired.push(...decided.map(({ fireAt }) => fireAt / 1000));
            cursor = decided.at(-1)?.cursor ?? cursor;
          }
          const coming = comingRuns({ schedule, start: null, end: null, lateMs: 0 }, from / 1000, fired.length + 1);
          expect(fired).toEqual(coming.slice(0, -1).map(({ fireMs }) => fireMs));
          expect(coming.at(-1)!.fireMs).toBeGreaterThan(now / 1000);
        },
      ),
      { numRuns: 150 },
    );
  });

  it("loses no window and doubles none over pauses, downtime and edits, with catchup", () => {
    const events = fc.array(
      fc.record({
        hours: fc.integer({ min: 1, max: 90 }),
        rule: rules,
        edit: fc.boolean(),
        up: fc.boolean(),
        pause: fc.boolean(),
      }),
      { minLength: 2, maxLength: 12 },
    );
    fc.assert(
      fc.property(rules, moment, events, (first, from, steps) => {
        let [schedule, now] = [named(first), from];
        let [cursor, enabledSince]: [ScheduleCursor | null, number] = [null, from];
        let end: number | null = null;
        const keys = new Set<string>();
        const broken: string[] = [];
        for (const step of steps) {
          now += step.hours * HOUR;
          if (step.pause) enabledSince = now - HOUR / 2;
          const facted = facts({ schedule, cursor, now, enabledSince, upSince: step.up ? from : now, catchup: true });
          for (const each of decideOwed(facted).decided) {
            const key = windowKey("schedule", each.cursor);
            const gap = end !== null && each.window.start > end;
            if (each.state !== "run" || gap || each.window.end <= (end ?? -Infinity) || keys.has(key)) broken.push(key);
            keys.add(key);
            [end, cursor] = [each.window.end, each.cursor];
          }
          if (step.edit) schedule = named(step.rule);
        }
        expect(broken).toEqual([]);
      }),
      { numRuns: 150 },
    );
  });
});
