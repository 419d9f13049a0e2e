import fc from "fast-check";
import { expect, test } from "vitest";
import { type ScheduleManifest, type ScheduleRuleManifest, timezoneOf } from "../../src/core/schedule.ts";
import { jitterKey, jitterOf } from "../../src/core/schedule-fire.ts";
import { comingRuns } from "../../src/core/schedule-preview.ts";
import { at, FiringWorld, iso } from "../support/firing-world.ts";

const zones = fc.constantFrom("UTC", "Europe/London", "Australia/Lord_Howe", "America/New_York", "Asia/Kathmandu");
const times = fc.constantFrom("00:00", "01:30", "02:30", "06:00", "23:45");
const rules: fc.Arbitrary<ScheduleRuleManifest> = fc.oneof(
  fc.record({ kind: fc.constant("hourly" as const), minute: fc.nat(59), timezone: zones }),
  fc.record({ kind: fc.constant("daily" as const), at: times, timezone: zones }),
  fc.record({ kind: fc.constant("weekly" as const), begins: fc.nat(6), on: fc.nat(6), at: times, timezone: zones }),
  fc.record({ kind: fc.constant("monthly" as const), on: fc.integer({ min: 1, max: 31 }), at: times, timezone: zones }),
  fc.record({
    kind: fc.constant("cron" as const),
    expressions: fc.constantFrom(["30 1 * * *"], ["*/20 * * * *"], ["0 9 * * MON-FRI", "15 2 * * *"], ["0 0 L * *"]),
    timezone: zones,
  }),
  fc.record({
    kind: fc.constant("every" as const),
    everyMs: fc.constantFrom(60_000, 5_400_000, 86_400_000),
    anchor: fc.constant("2025-01-01T00:00Z"),
  }),
  fc.record({
    kind: fc.constant("every_days" as const),
    days: fc.integer({ min: 1, max: 3 }),
    anchor: fc.constant("2025-01-01T02:30"),
    timezone: zones,
  }),
);
const schedules = fc
  .tuple(rules, fc.constantFrom(undefined, 600_000), fc.boolean())
  .map(([rule, jitterMs, skips]): ScheduleManifest => ({
    name: "schedule",
    ...rule,
    ...(jitterMs !== undefined && { jitterMs }),
    ...(skips && { skip: { dates: ["2025-03-31", "2025-10-27"] } }),
  }));
const starts = fc.constantFrom("2025-03-28T12:00:01Z", "2025-10-24T12:00:01Z", "2025-06-01T00:00:00Z");
const COUNT = 12;

test("property: what fires is what the preview says, at the moment it says", async () => {
  await fc.assert(
    fc.asyncProperty(schedules, starts, fc.boolean(), async (schedule, start, edged) => {
      const world = await FiringWorld.open(start);
      const edges = edged ? { start: "2025-04-01", end: "2025-11-05" } : { start: null, end: null };
      await world.register("w", [schedule], edges);
      const firing = world.scheduler();
      await world.at(start, firing);
      const lateMs = jitterOf(schedule, jitterKey("w", schedule));
      const coming = comingRuns({ schedule, ...edges, lateMs }, at(start) / 1000 - 1, COUNT);
      const told: string[] = [];
      const fired: string[] = [];
      for (const { span, fireMs } of coming) {
        told.push(`${iso(span.start * 1000)} … ${iso(span.end * 1000)}`);
        // Somebody beat all along.
        await world.store.schedules.beat(fireMs * 1000, 1e12);
        if (fireMs * 1000 - 1 > world.clock.time) await world.at(fireMs * 1000 - 1, firing);
        await world.at(fireMs * 1000, firing);
        expect(world.fired).toHaveLength(told.length);
        const { window } = world.fired.at(-1)!;
        fired.push(`${iso(window.start)} … ${iso(window.end)}`);
        expect(window.timezone).toBe(timezoneOf(schedule));
      }
      expect(fired).toEqual(told);
      await world.store.close();
    }),
    { numRuns: 60 },
  );
});
