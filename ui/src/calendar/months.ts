import type { Answer } from "../../../src/client/index.ts";

export type DecidedWindow = Answer<"get", "/api/workflows/{workflow}/windows">["items"][number];

/** A day of the calendar: `missing` was never decided or never run, `none` is no day of the schedule's. */
export interface Day {
  readonly date: string;
  readonly state: "succeeded" | "failed" | "running" | "cancelled" | "missing" | "future" | "none";
  /** Windows on that day, when there is more than one. */
  readonly windows: number;
  readonly run: string | null;
}

export interface Month {
  readonly month: number;
  readonly days: readonly Day[];
  readonly done: number;
  readonly of: number;
}

interface Facts {
  readonly windows: readonly DecidedWindow[];
  readonly year: number;
  /** Of the schedule, as local dates; `null`: from ever, for ever. */
  readonly start: string | null;
  readonly end: string | null;
  readonly today: string;
}

/** A year as twelve rows of days, by what became of the windows that begin on each. */
export function monthsOf({ windows, year, start, end, today }: Facts): Month[] {
  const byDay = Map.groupBy(windows, (window) => window.start.slice(0, 10));
  return Array.from({ length: 12 }, (_, at) => {
    const length = new Date(Date.UTC(year, at + 1, 0)).getUTCDate();
    const days = Array.from({ length }, (_each, day): Day => {
      const date = `${year}-${two(at + 1)}-${two(day + 1)}`;
      const own = byDay.get(date) ?? [];
      if (own.length > 0)
        return {
          date,
          state: stateOf(own),
          windows: own.length,
          run: own.find(({ run }) => run !== null)?.run ?? null,
        };
      const outside = (start !== null && date < start.slice(0, 10)) || (end !== null && date > end.slice(0, 10));
      return { date, state: outside ? "none" : date >= today ? "future" : "missing", windows: 0, run: null };
    });
    const owed = days.filter(({ state }) => state !== "none" && state !== "future");
    return { month: at, days, done: owed.filter(({ state }) => state === "succeeded").length, of: owed.length };
  });
}

/** Of the windows of a day, the one to look at. */
function stateOf(windows: readonly DecidedWindow[]): Day["state"] {
  const states = windows.map(({ outcome, run, state }) =>
    outcome === "failed" || outcome === "succeeded" || outcome === "cancelled"
      ? outcome
      : run !== null && state === "run"
        ? "running"
        : "missing",
  );
  return (
    (["failed", "running", "cancelled", "missing", "succeeded"] as const).find((each) => states.includes(each)) ??
    "missing"
  );
}

const two = (n: number): string => String(n).padStart(2, "0");
