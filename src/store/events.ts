import type { AssetExpression } from "../core/asset-expression.ts";
import type { Instant } from "../core/clock.ts";
import type { Cause, EventKind, GivenEvent, StartOutcome } from "../core/event.ts";
import type { TriggerKind } from "../core/trigger.ts";
import type { Window } from "../core/window.ts";
import type { NewRun } from "./store.ts";

/** What has happened, who hears of it, and the runs that it started. */
export interface Events {
  /** Those of the latest versions of workflows that are not retired, also of paused ones, by workflow and name. `workflows`: only theirs. Default: all. */
  subscriptions(workflows?: readonly string[]): Promise<readonly SubscriptionRecord[]>;
  /**
   * Records events, the runs that they start and how far a source has come, all of it in one transaction or nothing. What a
   * subscription is satisfied by is decided under its lock, so of two that ask at once one is first and the other sees it. Asked twice
   * with the same events and run ids, it is done once and answers alike.
   */
  record(batch: EventBatch, scheduler?: number): Promise<EventBatchResult>;
  /** Events that were recorded by runs and that nobody has delivered yet, oldest first. */
  pending(limit: number): Promise<readonly PendingEvent[]>;
  /** The turn to ask a source, for as long as the lease; `null`: it is another's, not due, paused or gone. */
  takeTurn(subscription: number, leaseMs: number): Promise<SourceTurn | null>;
  /** Gives the turn back without having found anything; the next one is due after this long. */
  leaveTurn(subscription: number, revision: number, afterMs: number): Promise<void>;
  /** A mark in time: `emitted` gives what was recorded after it, and never what was before. */
  mark(): Promise<string>;
  /** Events of this name that were emitted after a mark, in the order in which they were recorded, with the mark for what comes after. */
  emitted(name: string, after: string): Promise<{ readonly events: readonly EventRecord[]; readonly mark: string }>;
  /** As `StoreReader.listEvents`. */
  recent(query: RecentQuery): Promise<readonly ListedEvent[]>;
  /** One small batch of retention: delivered events before a moment, but never the last one of an asset, and keys that are over. Answers how many rows went. */
  prune(before: Instant, limit: number): Promise<number>;
}

/** What one workflow hears of by one of its triggers. The rule is in the version's manifest. */
export interface SubscriptionRecord {
  readonly id: number;
  readonly workflow: string;
  readonly name: string;
  readonly kind: TriggerKind;
  /** The workflow's latest. */
  readonly versionId: number;
  /** Since when it has been there and its workflow enabled. `null`: it is paused. */
  readonly enabledSince: Instant | null;
  /** Of a source: when it is to be asked the next time; `null`: now. */
  readonly dueAt: Instant | null;
  /** Runs of its workflow that are held back. */
  readonly held: number;
}

export interface NewEvent extends GivenEvent {
  /** Whoever may have to ask twice gives the same. */
  readonly uid: string;
  /** The run that caused it. */
  readonly runId: string | null;
  readonly at: Instant;
}

export interface EventRecord extends Omit<NewEvent, "uid"> {
  readonly id: number;
}

/** An event that a run has recorded, with what it passes on. */
export interface PendingEvent extends EventRecord {
  /** Of the run that caused it; `null`: that one is gone. */
  readonly window: Window | null;
  /** The workflows whose runs led to it, its own the last. */
  readonly chain: readonly string[];
}

export interface EventBatch {
  /** New ones, or the ids of those that were pending. */
  readonly events: readonly (NewEvent | { readonly id: number })[];
  readonly starts: readonly EventStart[];
  /** How far a source has come, whose turn it is. */
  readonly advance?: SourceAdvance;
}

/** What a subscription makes of events: at most one run. */
export interface EventStart {
  readonly subscription: number;
  /** The version whose rule it follows. */
  readonly versionId: number;
  /** Places of its events in the batch, in order; several only where they count as one. */
  readonly events: readonly number[];
  /** With `forMs`: for how long after this one it is a repetition. `null`: it is none. */
  readonly key: { readonly text: string; readonly forMs: number } | null;
  /** What must have been updated since its last run; `null`: it waits for nothing more. */
  readonly assets: AssetExpression | null;
  /** `null`: no run can be made of it, which the engine has told; what is waited for begins anew. */
  readonly run: NewRun | null;
  /** Its events are those above, in the same order; of assets, the run is told of all that were waited for. */
  readonly cause: Cause;
  /** The run waits in `queued` until `admit` lets it begin. */
  readonly held: boolean;
  /** As many runs of its workflow at work leave no room for this one; `null`: there always is. */
  readonly room: number | null;
  /** What becomes of it while the workflow is paused. */
  readonly whilePaused: "hold" | "pass_over";
}

export interface EventBatchResult {
  /** `false`: what it follows is no longer so; nothing was written. */
  readonly applied: boolean;
  /** For each start, in order. */
  readonly starts: readonly StartResult[];
}

export interface StartResult {
  readonly outcome: StartOutcome;
  /** The run that was made, or that the repeated event had made; `null`: none is known. */
  readonly runId: string | null;
  /** The run waits to be let in. */
  readonly held: boolean;
  /** What the run that was made is told, as JSON; `null`: none was. */
  readonly cause: string | null;
}

export interface SourceTurn {
  readonly revision: number;
  /** What it gave last, as JSON; `null`: it was never asked. */
  readonly cursor: string | null;
  /** It was not asked since its workflow was enabled: what it finds was there before. */
  readonly fresh: boolean;
}

export interface SourceAdvance {
  readonly subscription: number;
  readonly revision: number;
  readonly cursor: string;
  /** When it is due again. */
  readonly afterMs: number;
}

export interface RecentQuery {
  /** Default: every kind. */
  readonly kind?: EventKind;
  /** Default: every name. */
  readonly name?: string;
  /** Only those that runs of these workflows have caused. Default: all, also those from outside. */
  readonly workflows?: readonly string[];
  /** Only those before this one: the last id of the page before. */
  readonly before?: number;
  readonly limit: number;
}

/** An event with the workflow of the run that caused it; `null`: it came from outside, or that run is gone. */
export interface ListedEvent extends EventRecord {
  readonly workflow: string | null;
}

/** Emitted events that are looked through at once. */
export const MAX_EMITTED = 10_000;

/** What a task says of an event with its result, in its row among the drawers. */
export interface EmittedEvent extends GivenEvent {
  readonly at: Instant;
}

/** A row as every database hands it over. */
export interface EventRow {
  readonly id: number;
  readonly kind: EventKind;
  readonly name: string;
  readonly payload: string | null;
  readonly key: string | null;
  readonly partition: string | null;
  readonly run: string | null;
  readonly at: number;
}

export const toEvent = ({ run, ...row }: EventRow): EventRecord => ({ ...row, runId: run });

export interface ListedEventRow extends EventRow {
  readonly workflow: string | null;
}

export const toListedEvent = ({ workflow, ...row }: ListedEventRow): ListedEvent => ({ ...toEvent(row), workflow });

/** What a query binds. Of a name without a kind, each kind is looked for by itself: each is a stretch of an index. */
export const eventPage = ({ workflows, before = Number.MAX_SAFE_INTEGER, limit }: RecentQuery) => ({
  workflows: workflows === undefined ? null : JSON.stringify(workflows),
  before,
  limit,
});

export interface PendingRow extends EventRow {
  readonly workflow: string | null;
  readonly interval_start: number | null;
  readonly interval_end: number | null;
  readonly date: string | null;
  readonly timezone: string | null;
  readonly cause: string | null;
}

export function toPending({
  workflow,
  interval_start,
  interval_end,
  date,
  timezone,
  cause,
  ...row
}: PendingRow): PendingEvent {
  const before = cause === null ? [] : (JSON.parse(cause) as Cause).chain;
  return {
    ...toEvent(row),
    window:
      interval_start === null || interval_end === null || date === null || timezone === null
        ? null
        : { start: interval_start, end: interval_end, date, timezone },
    chain: workflow === null ? before : [...before, workflow],
  };
}

export interface SubscriptionRow {
  readonly id: number;
  readonly workflow: string;
  readonly name: string;
  readonly kind: TriggerKind;
  readonly version: number;
  readonly enabled_since: number | null;
  readonly due_at: number | null;
  readonly held: number;
}

export const toSubscription = ({ version, enabled_since, due_at, ...row }: SubscriptionRow): SubscriptionRecord => ({
  ...row,
  versionId: version,
  enabledSince: enabled_since,
  dueAt: due_at,
});
