import { parseDate } from "../core/local-date.ts";
import { CALENDAR_YEARS, calendarDays, type SkipManifest } from "../core/schedule-skip.ts";
import { badOption, within } from "./known-options.ts";
import { refusal } from "./refusal.ts";

/** Days that a schedule leaves out. */
export interface SkipOptions {
  /**
   * Local dates, such as `["2025-12-25"]`, or a function that says whether one is left out. It is asked when the file is loaded, once
   * for each day from 2000 to 2049, so it must depend on the date alone. Default: none.
   */
  readonly skip?: readonly string[] | ((date: string) => boolean);
}

/** @throws TuttiError `BAD_DATE`, `BAD_SCHEDULE`, `SCHEDULE_FUNCTION_FAILED`, `BAD_OPTION` */
export function readSkip(skip: SkipOptions["skip"], what: string): { readonly skip?: SkipManifest } {
  if (skip === undefined) return {};
  if (typeof skip === "function") return { skip: { days: askAll(skip, what) } };
  if (!Array.isArray(skip)) throw badOption(what, "skip", skip, 'a list of dates such as "2025-12-25", or a function');
  for (const date of skip as readonly string[]) within(`${what}: option "skip"`, () => parseDate(date));
  return skip.length === 0 ? {} : { skip: { dates: [...new Set(skip as readonly string[])].sort() } };
}

function askAll(skip: (date: string) => unknown, what: string): string {
  const days = calendarDays((date) => {
    const answer = askOne(skip, date, what);
    if (typeof answer === "boolean") return answer;
    throw refusal(
      "SCHEDULE_FUNCTION_FAILED",
      `${what}: the function "skip" gave ${answer instanceof Promise ? "a promise" : `a ${answer === null ? "null" : typeof answer}`} for "${date}". It must answer true or false at once.`,
    );
  });
  if (days !== null) return days;
  throw refusal(
    "BAD_SCHEDULE",
    `${what}: the function "skip" leaves out every day from ${CALENDAR_YEARS.join(" to ")}, so it never fires.`,
  );
}

function askOne(skip: (date: string) => unknown, date: string, what: string): unknown {
  try {
    return skip(date);
  } catch (error) {
    const why = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
    throw refusal("SCHEDULE_FUNCTION_FAILED", `${what}: the function "skip" threw for "${date}": ${why}`, {
      cause: error,
    });
  }
}
