import type { Instant } from "../core/clock.ts";
import type { RunState } from "../core/run-state.ts";
import { type ScheduleCursor, spanOf, type WindowRow } from "../core/schedule-cursor.ts";
import type { NewRun } from "./store.ts";

/** How far each schedule has come, what became of each window, and what holds runs back. */
export interface Schedules {
  /**
   * Those of the latest versions of workflows that are not retired, also of paused ones, by workflow and name. `workflows`: only
   * theirs. Default: all. `counted`: whether their runs are counted; else they seem to have none. Default: true.
   */
  list(workflows?: readonly string[], counted?: boolean): Promise<readonly ScheduleRecord[]>;
  /**
   * Records what was decided about windows: their rows, their runs and the cursor, all of one decision or nothing of it, all in
   * one transaction. A decision is dropped when its schedule moved, was paused or edited since, so of two schedulers one fires. A window
   * that has its run gets no second one. Asked twice with the same run ids, it is done once and answers alike.
   */
  decide(decisions: readonly ScheduleDecision[], scheduler?: number): Promise<readonly ScheduleDecisionResult[]>;
  /** How the last runs of a workflow ended, the newest first: those that were made since its schedules were enabled, not by hand. */
  outcomes(workflow: string, limit: number): Promise<readonly RunState[]>;
  /**
   * Lets runs of a workflow begin that were held, oldest window first, as far as its limits allow; none while it is paused. Never
   * more than these, whoever else asks at once. Answers with their ids.
   */
  admit(workflow: string, limits: AdmissionLimits): Promise<readonly string[]>;
  /** Its runs from windows that have not ended, the oldest window first. */
  activeRuns(workflow: string): Promise<readonly ActiveRun[]>;
  /** Nothing of the workflow fires any more when it resolves. Paused twice is paused once. `null`: it is not registered. */
  pause(workflow: string, by: string): Promise<PauseState | null>;
  /**
   * It is enabled from now on. A schedule that had been decided about beyond the present, by a clock that was ahead, begins anew: what
   * has had its run has no second one. `null`: it is not registered.
   */
  unpause(workflow: string): Promise<PauseState | null>;
  /**
   * A scheduler is up now. Answers since when there has been one without a break longer than `gapMs`; a clock that was turned
   * back is no break.
   */
  beat(now: Instant, gapMs: number): Promise<Instant>;
  /** What was decided about a schedule's windows that begin within `from … to`, both included, in order of their beginning. */
  windows(query: WindowQuery): Promise<readonly WindowRecord[]>;
}

/** A schedule as the store knows it; its rule is in the version's manifest. */
export interface ScheduleRecord {
  readonly id: number;
  readonly workflow: string;
  readonly name: string;
  /** The workflow's latest. */
  readonly versionId: number;
  /** Rises with every decision, and guards the next. */
  readonly revision: number;
  readonly cursor: ScheduleCursor | null;
  /** Since when this schedule has been there and its workflow enabled. `null`: it is paused. */
  readonly enabledSince: Instant | null;
  /** How many of its runs have not ended. */
  readonly unfinished: number;
  /** How many runs of windows of its workflow have not ended, without those of backfills, which make way. */
  readonly active: number;
  /** Of these, how many are held back; always counted. */
  readonly held: number;
}

export interface ScheduleDecision {
  readonly schedule: number;
  /** The revision it was made on, and the version whose rule it follows. */
  readonly revision: number;
  readonly versionId: number;
  /** Where the schedule stands now. */
  readonly cursor: ScheduleCursor;
  /** In order. */
  readonly windows: readonly NewWindow[];
}

export interface NewWindow extends Omit<WindowRow, "schedule" | "lastOutcome"> {
  readonly startsAt: Instant;
  /** Its run; `null` where nothing is run. */
  readonly run: NewRun | null;
  /** The run waits in `queued` until `admit` lets it begin. */
  readonly held: boolean;
}

export interface ScheduleDecisionResult {
  readonly applied: boolean;
  /** Ids of the runs that it made. */
  readonly runs: readonly string[];
}

export interface AdmissionLimits {
  /** How many runs of windows may be at work at once; `null`: any number. */
  readonly maxActive: number | null;
  /** The store's ids of the tasks that must have succeeded, or been skipped, in the run of the window before. */
  readonly past: readonly number[];
}

export interface ActiveRun {
  readonly id: string;
  readonly held: boolean;
  /** A backfill runs the window. */
  readonly backfill: boolean;
}

export interface PauseState {
  /** `null`: it is not paused. */
  readonly pausedAt: Instant | null;
  readonly pausedBy: string | null;
  /** It was so before. */
  readonly unchanged: boolean;
}

export interface WindowQuery {
  readonly workflow: string;
  readonly schedule: string;
  readonly from: Instant;
  readonly to: Instant;
  /** Only the partitions of these keys. Default: all. */
  readonly partitions?: readonly string[];
  readonly limit: number;
}

/** What a query binds. */
export const windowQuery = ({ partitions, ...query }: WindowQuery) => ({
  ...query,
  partitions: partitions === undefined ? null : JSON.stringify(partitions),
});

export interface WindowRecord extends WindowRow {
  readonly startsAt: Instant;
  /** Of its run, which may have been pruned; `null`: it has none. */
  readonly runId: string | null;
}

/** A row as every database hands it over. */
export interface ScheduleRow {
  readonly id: number;
  readonly workflow: string;
  readonly name: string;
  readonly version: number;
  readonly revision: number;
  readonly cursor: string | null;
  readonly enabled_since: number | null;
  readonly unfinished: number;
  readonly active: number;
  readonly held: number;
}

export const toSchedule = ({ version, cursor, enabled_since, ...row }: ScheduleRow): ScheduleRecord => ({
  ...row,
  versionId: version,
  cursor: cursor === null ? null : { ...(JSON.parse(cursor) as Omit<ScheduleCursor, "schedule">), schedule: row.name },
  enabledSince: enabled_since,
});

export interface WindowRecordRow {
  readonly schedule: string;
  readonly timezone: string;
  readonly local_start: string;
  readonly start_fold: number;
  readonly local_end: string;
  readonly end_fold: number;
  readonly starts_at: number;
  readonly state: WindowRow["state"];
  readonly run: string | null;
  readonly outcome: Exclude<RunState, "queued" | "running"> | null;
}

export const toWindow = (row: WindowRecordRow): WindowRecord => ({
  schedule: row.schedule,
  timezone: row.timezone,
  start: row.local_start,
  startFold: row.start_fold === 1 ? 1 : 0,
  end: row.local_end,
  endFold: row.end_fold === 1 ? 1 : 0,
  startsAt: row.starts_at,
  state: row.state,
  runId: row.run,
  lastOutcome: row.outcome,
});

/** How many runs are looked at, and let begin, at once. */
export const MAX_ADMITTED = 200;

/** Whether it stands beyond the present. Of `@once` it says that it has run, whenever that was. */
export function isAhead(cursor: Omit<ScheduleCursor, "schedule">, now: Instant): boolean {
  return !cursor.rule.includes(`"@once"`) && spanOf(cursor).end * 1000 > now;
}
