import type { RunState } from "./run-state.ts";
import type { Span } from "./schedule-windows.ts";
import { TimeZone } from "./time-zone.ts";

/** What became of a window: a run was made for it, nobody was there when it was due, or the catchup rule passed it over. */
export const WINDOW_STATES = ["run", "missed", "passed_over"] as const;
export type WindowState = (typeof WINDOW_STATES)[number];

/** A window on the wall clock of its zone, so that it is the same one for processes with other time-zone data. */
export interface LocalWindow {
  readonly timezone: string;
  /** `2025-10-26T01:30:00`, with milliseconds where there are any. */
  readonly start: string;
  /** 1: the second time that the clocks show this. */
  readonly startFold: 0 | 1;
  readonly end: string;
  readonly endFold: 0 | 1;
}

/**
 * How far a schedule has come: the last window decided. It moves in the transaction that records what was decided, and what is owed
 * follows from it alone, never from the runs there are.
 */
export interface ScheduleCursor extends LocalWindow {
  readonly schedule: string;
  /** The rule that it was decided by, as text: `@once` asks whether that was itself. */
  readonly rule: string;
}

/** One for each window that was decided; it outlives its runs. */
export interface WindowRow extends LocalWindow {
  readonly schedule: string;
  readonly state: WindowState;
  /** Of its run; `null`: it has none, or that has not ended. */
  readonly lastOutcome: Extract<RunState, "succeeded" | "failed" | "cancelled"> | null;
}

export const localWindow = ({ start, end }: Span, zone: TimeZone): LocalWindow => {
  const [from, to] = [localMoment(start, zone), localMoment(end, zone)];
  return { timezone: zone.name, start: from.text, startFold: from.fold, end: to.text, endFold: to.fold };
};

/** @throws TuttiError `BAD_TIMEZONE` */
export function spanOf(window: LocalWindow): Span {
  const zone = TimeZone.of(window.timezone);
  return { start: instantOf(window.start, window.startFold, zone), end: instantOf(window.end, window.endFold, zone) };
}

/** In the place of a zone: what is recorded is a partition. */
export const PARTITION_ZONE = "partition";

/** A partition is recorded as a window is. Its key is all that says which one it is, so it stands in the place of the local times. */
export const partitionWindow = (key: string): LocalWindow => ({
  timezone: PARTITION_ZONE,
  start: key,
  startFold: 0,
  end: key,
  endFold: 0,
});

/**
 * What a window is recorded under, within its workflow. Zone and end belong to it: after an edit the next window may begin where a
 * decided one did, and is another.
 */
export const windowKey = (schedule: string, window: LocalWindow): string =>
  [
    schedule,
    window.timezone,
    `${window.start}${window.startFold === 1 ? " (2)" : ""}`,
    `${window.end}${window.endFold === 1 ? " (2)" : ""}`,
  ].join(" | ");

function localMoment(ms: number, zone: TimeZone): { readonly text: string; readonly fold: 0 | 1 } {
  const local = zone.localOf(ms);
  return {
    text: new Date(local).toISOString().replace(/(?:\.000)?Z$/, ""),
    fold: zone.instantsOf(local)[1] === ms ? 1 : 0,
  };
}

function instantOf(text: string, fold: 0 | 1, zone: TimeZone): number {
  const local = Date.parse(`${text}Z`);
  const instants = zone.instantsOf(local);
  // Where this process's data knows no second one, or no such time at all, the nearest there is.
  return instants[fold] ?? instants.at(-1) ?? zone.firstInstantOf(local);
}
