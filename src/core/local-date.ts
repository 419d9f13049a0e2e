import { TuttiError } from "./errors.ts";
import type { LocalTime, TimeZone } from "./time-zone.ts";

const DAY_MS = 86_400_000;
const DATE = /^(\d{4})-(\d\d)-(\d\d)$/;
const DATE_TIME = /^(\d{4}-\d\d-\d\d)[T ](\d\d):(\d\d)(?::(\d\d)(?:\.(\d{1,6}))?)?(Z|[+-]\d\d:?\d\d)?$/i;

/** What was asked for last: the next question is mostly about the same day, and each run that is submitted asks. */
let lastDay = { day: NaN, text: "" };

/** `YYYY-MM-DD` of a local wall time. */
export function formatDate(local: LocalTime): string {
  const day = Math.floor(local / DAY_MS);
  if (day !== lastDay.day) lastDay = { day, text: new Date(local).toISOString().slice(0, 10) };
  return lastDay.text;
}

export const isBareDate = (text: string): boolean => DATE.test(text);

/** Local midnight of a date. @throws TuttiError `BAD_DATE` */
export function parseDate(text: string): LocalTime {
  const midnight = DATE.test(text) ? Date.parse(`${text}T00:00:00Z`) : NaN;
  // Date.parse takes 2025-02-30 for the 2nd of March.
  if (Number.isNaN(midnight) || formatDate(midnight) !== text) throw badDate(text);
  return midnight;
}

/** Epoch milliseconds of a bare date (its first instant in the zone) or an ISO date-time, in the zone when it names no offset. @throws TuttiError `BAD_DATE` */
export function parseMoment(text: string, zone: TimeZone): number {
  if (DATE.test(text)) return zone.firstInstantOf(parseDate(text));
  const found = DATE_TIME.exec(text);
  if (found === null) throw badDate(text);
  const [, date = "", hour, minute, second = "0", fraction = "", offset] = found;
  if (Number(hour) > 23 || Number(minute) > 59 || Number(second) > 59) throw badDate(text);
  const local =
    parseDate(date) +
    (Number(hour) * 3600 + Number(minute) * 60 + Number(second)) * 1000 +
    Number(fraction.padEnd(3, "0").slice(0, 3));
  return offset === undefined ? zone.firstInstantOf(local) : local - offsetMs(offset);
}

/** The first instant of the local date that `local` is in. */
export const startOfDay = (zone: TimeZone, local: LocalTime): number =>
  zone.firstInstantOf(Math.floor(local / DAY_MS) * DAY_MS);

/** Samoa had no 30 December 2011. */
export const dateExists = (zone: TimeZone, midnight: LocalTime): boolean =>
  startOfDay(zone, midnight) < startOfDay(zone, midnight + DAY_MS);

function offsetMs(text: string): number {
  if (/^z$/i.test(text)) return 0;
  const digits = text.replace(":", "");
  return (digits.startsWith("-") ? -1 : 1) * (Number(digits.slice(1, 3)) * 60 + Number(digits.slice(3))) * 60_000;
}

const badDate = (text: unknown): TuttiError =>
  new TuttiError(
    "BAD_DATE",
    `${JSON.stringify(text)} is not a date. Write it like "2025-08-12", or as a moment like "2025-08-12T06:00Z".`,
  );
