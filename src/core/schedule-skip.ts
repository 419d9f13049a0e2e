import { parseDate } from "./local-date.ts";
import type { LocalTime, TimeZone } from "./time-zone.ts";
import type { WindowEdges } from "./window-edges.ts";

const DAY_MS = 86_400_000;

/**
 * The days that a schedule leaves out, as data. A function of the user's was asked about each day of `CALENDAR_YEARS` when its file was
 * loaded, so nobody who computes a window runs user code.
 */
export interface SkipManifest {
  /** Local dates, `2025-12-25`. */
  readonly dates?: readonly string[];
  /** A bit for each day from the first of January of the first calendar year, base64. */
  readonly days?: string;
}

/** The years in which a calendar that is a function is asked: first and last. */
export const CALENDAR_YEARS = [2000, 2049] as const;

const FIRST_DAY = Date.UTC(CALENDAR_YEARS[0], 0, 1) / DAY_MS;
const DAYS = Date.UTC(CALENDAR_YEARS[1] + 1, 0, 1) / DAY_MS - FIRST_DAY;

/** Whether the local day that begins at this midnight is left out. */
export type SkipsDay = (midnight: LocalTime) => boolean;

/** `null`: no day is left out. */
export function skipsDay(skip: SkipManifest | undefined): SkipsDay | null {
  if (skip === undefined) return null;
  const dates = new Set(skip.dates?.map(parseDate));
  const bits = skip.days === undefined ? null : Buffer.from(skip.days, "base64");
  return (midnight) => {
    if (dates.has(midnight)) return true;
    const day = midnight / DAY_MS - FIRST_DAY;
    return bits !== null && day >= 0 && day < DAYS && ((bits[day >> 3] ?? 0) & (1 << (day & 7))) !== 0;
  };
}

/** The answers of a calendar for every day it is asked about; `null`: it leaves out all of them. */
export function calendarDays(skips: (date: string) => boolean): string | null {
  const bits = Buffer.alloc(Math.ceil(DAYS / 8));
  let [day, skipped] = [0, 0];
  for (let year = CALENDAR_YEARS[0] as number; year <= CALENDAR_YEARS[1]; year++)
    for (let month = 1; month <= 12; month++) {
      // Written by hand: asking a Date for each day costs ten times as much as the answers.
      const inMonth = `${year}-${month < 10 ? "0" : ""}${month}-`;
      const length = new Date(Date.UTC(year, month, 0)).getUTCDate();
      for (let date = 1; date <= length; date++, day++) {
        if (!skips(`${inMonth}${date < 10 ? "0" : ""}${date}`)) continue;
        bits[day >> 3]! |= 1 << (day & 7);
        skipped++;
      }
    }
  return skipped === DAYS ? null : bits.toString("base64");
}

export const midnightOf = (zone: TimeZone, ms: number): LocalTime => Math.floor(zone.localOf(ms) / DAY_MS) * DAY_MS;

/** Ticks without those on days that are left out: the window after such a day is longer. */
export function skippingEdges(edges: WindowEdges, zone: TimeZone, skips: SkipsDay): WindowEdges {
  return {
    next(ms) {
      let found = edges.next(ms);
      for (let midnight: number; found !== null && skips((midnight = midnightOf(zone, found)));)
        // Not before the tick itself: where clocks fall back over midnight a date goes on after the next one began.
        found = edges.next(Math.max(found, zone.firstInstantOf(midnight + DAY_MS) - 1));
      return found;
    },
    last(ms) {
      let found = edges.last(ms);
      for (let midnight: number; found !== null && skips((midnight = midnightOf(zone, found)));)
        found = edges.last(zone.firstInstantOf(midnight) - 1);
      return found;
    },
  };
}
