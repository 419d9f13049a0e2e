import { Cron } from "croner";
import fc from "fast-check";
import { expect, it } from "vitest";
import { CronTicks } from "./cron-ticks.ts";

const field = (least: number, most: number, more: readonly string[] = []) => {
  const value = fc.integer({ min: least, max: most });
  const range = fc.tuple(value, value).map(([a, b]) => [Math.min(a, b), Math.max(a, b)] as const);
  return fc.oneof(
    { weight: 3, arbitrary: fc.constant("*") },
    { weight: 3, arbitrary: value.map(String) },
    fc.integer({ min: 1, max: most }).map((step) => `*/${step}`),
    range.map(([a, b]) => `${a}-${b}`),
    fc.tuple(range, fc.integer({ min: 1, max: 5 })).map(([[a, b], step]) => `${a}-${b}/${step}`),
    fc.uniqueArray(value, { minLength: 2, maxLength: 3 }).map((all) => all.join(",")),
    ...(more.length > 0 ? [fc.constantFrom(...more)] : []),
  );
};
const expressions = fc
  .tuple(
    fc.oneof({ weight: 4, arbitrary: fc.constant(null) }, field(0, 59)),
    field(0, 59),
    field(0, 23),
    field(1, 31, ["L", "LW", "15W", "1W", "31W", "L,10"]),
    field(1, 12, ["JAN", "MAR-MAY", "FEB,OCT"]),
    field(0, 7, ["MON-FRI", "SUN", "FRI#2", "MON#5", "5L", "MON#1,FRI#3", "6-7"]),
  )
  .map((fields) => fields.filter((each) => each !== null).join(" "));

const moments = fc.integer({ min: Date.UTC(1990), max: Date.UTC(2045) });

it("walks the ticks that croner gives, forward and back", () => {
  fc.assert(
    fc.property(expressions, moments, (expression, ms) => {
      const croner = new Cron(expression, { timezone: "UTC", mode: "5-or-6-parts", paused: true });
      const expected = croner.nextRun(new Date(ms))?.getTime() ?? null;
      if (expected === null) {
        expect(() => new CronTicks(expression)).toThrow(expect.objectContaining({ code: "BAD_CRON" }));
        return;
      }
      const ticks = new CronTicks(expression);
      expect(ticks.after(ms)).toBe(expected);
      const last = croner.previousRuns(1, new Date(Math.floor(ms / 1000) * 1000 + 1000))[0]?.getTime();
      expect(ticks.atOrBefore(ms)).toBe(last);
      expect(ticks.after(last! - 1)).toBe(last);
    }),
    { numRuns: 1000 },
  );
});

it("a tick is after a moment by a millisecond at least, and at a moment exactly", () => {
  const ticks = new CronTicks("0 6 * * *");
  const six = Date.UTC(2025, 7, 12, 6);
  expect([ticks.after(six - 1), ticks.after(six), ticks.atOrBefore(six), ticks.atOrBefore(six - 1)]).toEqual([
    six,
    six + 86_400_000,
    six,
    six - 86_400_000,
  ]);
});
