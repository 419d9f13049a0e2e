import { TuttiError } from "./errors.ts";

/** A length of time: `"15m"`, `"1h 30m"`, `"1.5s"`, or whole milliseconds. Units: `w d h m s ms`, largest first. */
export type Duration = string | number;

const UNITS = [
  ["w", 604_800_000],
  ["d", 86_400_000],
  ["h", 3_600_000],
  ["m", 60_000],
  ["s", 1000],
  ["ms", 1],
] as const;

const FORM = new RegExp(
  String.raw`^${UNITS.map(([unit]) => String.raw`\s*(?:(\d+(?:\.\d+)?)\s*${unit})?`).join("")}\s*$`,
);

/** Past this an instant, which counts microseconds, would not be a whole number any more. */
const MAX_MS = Math.floor(Number.MAX_SAFE_INTEGER / 1000);

/**
 * Whole milliseconds, 0 or more.
 *
 * @throws TuttiError `BAD_DURATION` when it is negative, no whole number of milliseconds, or no duration at all.
 * @example parseDuration("1h 30m") // 5_400_000
 */
export function parseDuration(duration: Duration): number {
  const ms = typeof duration === "number" ? duration : typeof duration === "string" ? sumOfUnits(duration) : NaN;
  const whole = Math.round(ms);
  // A tolerance, because 1.1 * 1000 is 1100.0000000000002.
  if (!(ms >= 0) || whole > MAX_MS || Math.abs(ms - whole) > 1e-6) throw badDuration(duration);
  return whole;
}

/** Short, for people: `850 ms`, `3.2 s`, `1 h 2 min`, `2 d 3 h`. */
export function formatDuration(ms: number): string {
  if (ms < 0) return `-${formatDuration(-ms)}`;
  if (Math.round(ms) < 1000) return `${Math.round(ms)} ms`;
  if (Math.round(ms / 100) < 600) return `${Math.round(ms / 100) / 10} s`;
  const seconds = Math.round(ms / 1000);
  if (seconds < 3600) return twoUnits(Math.floor(seconds / 60), "min", seconds % 60, "s");
  const minutes = Math.round(ms / 60_000);
  if (minutes < 1440) return twoUnits(Math.floor(minutes / 60), "h", minutes % 60, "min");
  const hours = Math.round(ms / 3_600_000);
  return twoUnits(Math.floor(hours / 24), "d", hours % 24, "h");
}

function sumOfUnits(text: string): number {
  const found = FORM.exec(text);
  if (found === null || text.trim() === "") return NaN;
  return UNITS.reduce((sum, [, ms], place) => sum + Number(found[place + 1] ?? 0) * ms, 0);
}

function badDuration(given: unknown): TuttiError {
  const shown = typeof given === "string" ? JSON.stringify(given) : String(given);
  return new TuttiError(
    "BAD_DURATION",
    `${shown} is not a duration. Write it like "15m", "1h 30m", "1.5s" or "500ms" (units w d h m s ms), or as a whole number of milliseconds.`,
  );
}

const twoUnits = (large: number, largeUnit: string, small: number, smallUnit: string): string =>
  small === 0 ? `${large} ${largeUnit}` : `${large} ${largeUnit} ${small} ${smallUnit}`;
