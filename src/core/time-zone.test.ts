import { Temporal } from "temporal-polyfill";
import fc from "fast-check";
import { expect, it } from "vitest";
import { TimeZone } from "./time-zone.ts";

const zones = fc.constantFrom(
  "UTC",
  "Europe/London",
  "Europe/Dublin",
  "America/New_York",
  "Australia/Lord_Howe",
  "America/Sao_Paulo",
  "America/St_Johns",
  "America/Havana",
  "Pacific/Apia",
  "Africa/Casablanca",
  "Asia/Kathmandu",
  "Pacific/Kwajalein",
  "Antarctica/Troll",
);
const moments = fc.integer({ min: Date.UTC(1970), max: Date.UTC(2037) });

it("an offset is the one that Temporal knows", () => {
  fc.assert(
    fc.property(
      zones,
      moments,
      (name, ms) =>
        void expect(TimeZone.of(name).offsetAt(ms)).toBe(
          new Temporal.ZonedDateTime(BigInt(ms) * 1_000_000n, name).offsetNanoseconds / 1e6,
        ),
    ),
    { numRuns: 500 },
  );
});

it("a wall time belongs to the instants that Temporal gives", () => {
  fc.assert(
    fc.property(zones, moments, fc.boolean(), (name, ms, nearChange) => {
      const zone = TimeZone.of(name);
      const change = zone.transitionsBetween(ms, ms + 400 * 86_400_000)[0];
      const local = nearChange && change ? change.at + change.before + (ms % 7_200_000) - 3_600_000 : zone.localOf(ms);
      const plain = Temporal.PlainDateTime.from(new Date(local).toISOString().slice(0, -1));
      const [earlier, later] = (["earlier", "later"] as const).map((disambiguation) =>
        plain.toZonedDateTime(name, { disambiguation }),
      );
      const exists = earlier!.toPlainDateTime().equals(plain);
      const expected = !exists ? [] : [...new Set([earlier!.epochMilliseconds, later!.epochMilliseconds])];
      expect(zone.instantsOf(local)).toEqual(expected);
      if (!exists) expect(zone.firstInstantOf(local)).toBe(earlier!.getTimeZoneTransition("next")!.epochMilliseconds);
    }),
    { numRuns: 300 },
  );
});

it.each(["Mars/Olympus", "", "+05:30", null])("%j is refused with BAD_TIMEZONE", (name) =>
  expect(() => TimeZone.of(name as string)).toThrow(expect.objectContaining({ code: "BAD_TIMEZONE" })),
);

it("a change that is taken back within a week is seen", () => {
  const moved = TimeZone.of("America/Noronha").transitionsBetween(Date.UTC(2000, 8), Date.UTC(2000, 11));
  expect(moved.map(({ at }) => at / 1000)).toEqual([970970400, 971571600]);
});
