import type { BackfillJudgement, BackfillPlan } from "../core/backfill.ts";
import {
  type BackfillAction,
  type BackfillProgress,
  type BackfillState,
  progressOf,
  type RunCounts,
  type SkippedCounts,
} from "../core/backfill-state.ts";
import type { Instant } from "../core/clock.ts";
import type { LocalWindow } from "../core/schedule-cursor.ts";
import type { Window } from "../core/window.ts";
import type { AdmissionLimits } from "./schedules.ts";
import type { NewRun } from "./store.ts";

/** What was asked for of the windows of a schedule, how far it has come, and which run is whose. */
export interface Backfills {
  /** Asked twice with the same id, it is one. @throws TuttiError `WORKFLOW_NOT_REGISTERED` */
  create(backfill: NewBackfill): Promise<BackfillRecord>;
  /** Those that have not ended, oldest first: also cancelled ones, until no run of theirs is at work. */
  unended(): Promise<readonly BackfillRecord[]>;
  /**
   * Judges the next windows under their locks, and records what is run: as many as there is room for, all in one transaction. Dropped
   * when the backfill moved since, so of several schedulers one takes a step. With it a backfill ends of which nothing is left to do.
   */
  step(step: BackfillStep): Promise<BackfillStepResult>;
  /** Its runs that have not ended, the oldest window first. */
  openRuns(id: string): Promise<readonly OpenRun[]>;
  /** One that has ended stays as it is. `null`: there is none of this id. */
  turn(id: string, action: BackfillAction, now: Instant): Promise<BackfillRecord | null>;
}

/** What a run knows from its window. */
export interface WindowFacts {
  /** The backfill that runs its window, or did last; `null`: none has. */
  readonly backfill: string | null;
  /** The key of the partition that it makes. Absent: it makes none. */
  readonly partition?: string;
}

export interface NewBackfill {
  readonly id: string;
  readonly workflow: string;
  readonly plan: BackfillPlan;
  /** The newest code there was, where nobody deployed it. `null`: the latest of the store. */
  readonly versionId: number | null;
  readonly maxActiveRuns: number;
  /** How many windows there are. */
  readonly total: number;
  readonly createdAt: Instant;
  readonly createdBy: string;
}

export interface BackfillRecord extends NewBackfill {
  readonly state: BackfillState;
  /** Rises with every step, and guards the next. */
  readonly revision: number;
  /** Where the last window ends that it has reached. `null`: none. */
  readonly reached: Instant | null;
  readonly progress: BackfillProgress;
  /** Windows that it did not run, by reason. */
  readonly skipped: SkippedCounts;
  /** Runs that are to be opened again, which nobody has done yet. */
  readonly reopens: number;
  readonly endedAt: Instant | null;
}

export interface BackfillStep {
  readonly id: string;
  /** The revision it was made on. */
  readonly revision: number;
  /** The version of new runs. */
  readonly versionId: number;
  /** The next ones, in order. */
  readonly windows: readonly CandidateWindow[];
  /** Behind these there is none. */
  readonly exhausted: boolean;
  readonly limits: AdmissionLimits;
  /** Whether runs go first that are held back. */
  readonly yields: boolean;
  readonly now: Instant;
}

export interface CandidateWindow {
  readonly window: Window;
  readonly local: LocalWindow;
  /** The run that it gets if it has none. */
  readonly run: NewRun;
}

export interface BackfillStepResult {
  readonly applied: boolean;
  /** For the first of the windows that were given, in order: as many as there was room for. */
  readonly judged: readonly BackfillJudgement[];
  /** Ids of the runs that it made, of which nobody has taken any yet. */
  readonly runs: readonly string[];
  /** Ids of ended runs that are to be opened again. */
  readonly reopens: readonly string[];
  /** What it waits for; `null`: nothing. */
  readonly waits: "room" | "past" | null;
  /** The backfill afterwards; `null`: the step was dropped. */
  readonly after: BackfillRecord | null;
}

export const DROPPED_STEP: BackfillStepResult = {
  applied: false,
  judged: [],
  runs: [],
  reopens: [],
  waits: null,
  after: null,
};

export interface OpenRun {
  readonly runId: string;
  /** It has ended, and is to be opened again. */
  readonly reopens: boolean;
}

export interface BackfillQuery {
  /** Of this workflow, or of these. */
  readonly workflow?: string | readonly string[];
  readonly states?: readonly BackfillState[];
  /** Only those before this one: the last id of the page before. */
  readonly before?: string;
  readonly limit: number;
}

/** What a query binds. `named`: as the database writes names. */
export const backfillPage = (
  { workflow, states, before = AFTER_ALL_IDS, limit }: BackfillQuery,
  named: (name: string) => string = (name) => name,
) => ({
  workflows: workflow === undefined ? null : JSON.stringify([workflow].flat().map(named)),
  states: states === undefined ? null : JSON.stringify(states),
  before,
  limit,
});

/** Ids are digits and lower-case letters. */
const AFTER_ALL_IDS = "~";

/** A row as every database hands it over. */
export interface BackfillRow {
  readonly seq: number;
  readonly id: string;
  readonly workflow: string;
  readonly version: number | null;
  readonly plan: string;
  readonly max_active_runs: number;
  readonly state: BackfillState;
  readonly revision: number;
  readonly total: number;
  readonly judged: number;
  readonly reached: number | null;
  readonly skipped: string;
  readonly outcomes: string | null;
  readonly created_at: number;
  readonly created_by: string;
  readonly ended_at: number | null;
}

/** Of the windows that a backfill has run, those that have not succeeded, by the outcome of their runs. */
export interface OutcomeRow {
  readonly outcome: "failed" | "cancelled" | null;
  readonly windows: number;
  readonly reopens: number;
}

/** The others have succeeded, or another backfill has run them since: how those fare is told there. */
function countsOf(ran: number, rows: readonly OutcomeRow[]): RunCounts {
  const of = (outcome: OutcomeRow["outcome"]): number => rows.find((row) => row.outcome === outcome)?.windows ?? 0;
  const [running, failed, cancelled] = [of(null), of("failed"), of("cancelled")];
  return { running, succeeded: ran - running - failed - cancelled, failed, cancelled };
}

/** As it is kept when it has ended. */
export const outcomesText = ({ running, succeeded, failed, cancelled }: RunCounts): string =>
  JSON.stringify({ running, succeeded, failed, cancelled } satisfies RunCounts);

/** An ended one says what it said at its end: its windows may have been run by another since. */
export function toBackfill(row: BackfillRow, outcomes: readonly OutcomeRow[]): BackfillRecord {
  const skipped = JSON.parse(row.skipped) as SkippedCounts;
  const ran = row.judged - Object.values(skipped).reduce((sum, count) => sum + count, 0);
  const counts = row.outcomes === null ? countsOf(ran, outcomes) : (JSON.parse(row.outcomes) as RunCounts);
  return {
    id: row.id,
    workflow: row.workflow,
    plan: JSON.parse(row.plan) as BackfillPlan,
    versionId: row.version,
    maxActiveRuns: row.max_active_runs,
    total: row.total,
    createdAt: row.created_at,
    createdBy: row.created_by,
    state: row.state,
    revision: row.revision,
    reached: row.reached,
    progress: progressOf(row.total, row.judged, skipped, counts),
    skipped,
    reopens: outcomes.reduce((sum, { reopens }) => sum + reopens, 0),
    endedAt: row.ended_at,
  };
}
