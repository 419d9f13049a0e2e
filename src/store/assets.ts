import type { CheckStatus } from "../core/check-result.ts";
import { type CheckFinding, checkFinding } from "../core/check-result.ts";
import type { Instant } from "../core/clock.ts";
import type { VersionRecord } from "./store.ts";

/** What is known of assets: what updated them and what their checks found. Both are events, so that they are recorded with the success they belong to. */
export interface Assets {
  /** Names of all that were ever updated, in order. */
  names(): Promise<readonly string[]>;
  /** The last update of each of these; one that never had one is left out. */
  latest(names: readonly string[]): Promise<readonly AssetUpdateRecord[]>;
  /** What each check of these found last. */
  lastFindings(names: readonly string[]): Promise<readonly FindingRecord[]>;
  /** Newest first. */
  updates(query: AssetQuery): Promise<readonly AssetUpdateRecord[]>;
  /** Newest first. */
  findings(query: FindingQuery): Promise<readonly FindingRecord[]>;
  /** Latest versions, of workflows that are not retired, that say how old an asset may be. */
  watched(): Promise<readonly VersionRecord[]>;
}

export interface AssetQuery {
  readonly asset: string;
  /** Default: all of it. */
  readonly partition?: string;
  readonly limit: number;
  /** Only those before this one: the last id of the page before. */
  readonly before?: number | null;
}

export interface FindingQuery {
  readonly asset: string;
  /** Default: all of its checks. */
  readonly check?: string;
  /** Only those of this run. Default: of all. */
  readonly runId?: string;
  readonly limit: number;
  readonly before?: number | null;
}

/** Where it comes from. All of it is `null` for what came from outside, or from a run that is gone. */
export interface AssetSource {
  readonly runId: string | null;
  readonly workflow: string | null;
  readonly task: string | null;
  readonly taskRunId: number | null;
  /** `ctx.date` of the run. */
  readonly date: string | null;
}

export interface AssetUpdateRecord extends AssetSource {
  readonly id: number;
  readonly asset: string;
  readonly partition: string | null;
  readonly metadata: unknown;
  readonly at: Instant;
}

export interface FindingRecord extends AssetSource, CheckFinding {
  readonly id: number;
  readonly asset: string;
  readonly check: string;
  readonly status: CheckStatus;
  readonly partition: string | null;
  readonly at: Instant;
}

/** A row as every database hands it over. */
export interface AssetRow {
  readonly id: number;
  readonly uid: string;
  readonly name: string;
  readonly payload: string | null;
  readonly key: string | null;
  readonly partition: string | null;
  readonly run: string | null;
  readonly at: number;
  readonly workflow: string | null;
  readonly date: string | null;
  readonly task: string | null;
}

const sourceOf = ({ uid, run, workflow, date, task }: AssetRow): AssetSource => {
  // Whoever recorded it gave its own number (`insertEmitted`).
  const taskRunId = /^task (\d+) /.exec(uid)?.[1];
  return { runId: run, workflow, task, date, taskRunId: taskRunId === undefined ? null : Number(taskRunId) };
};

export const toAssetUpdate = (row: AssetRow): AssetUpdateRecord => ({
  id: row.id,
  asset: row.name,
  partition: row.partition,
  metadata: row.payload === null ? null : (JSON.parse(row.payload) as unknown),
  at: row.at,
  ...sourceOf(row),
});

export const toFinding = (row: AssetRow): FindingRecord => ({
  id: row.id,
  asset: row.name,
  check: row.key ?? "",
  partition: row.partition,
  at: row.at,
  ...checkFinding(row.payload ?? "{}"),
  ...sourceOf(row),
});

/** How many names are listed at most. */
export const MAX_ASSETS = 100_000;
