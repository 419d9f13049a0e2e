import type { Instant } from "../../core/clock.ts";
import { sql } from "./sql.ts";

export const insertWriter = () => sql("insertWriter")`insert into tutti.writer default values returning id`;

// Those of processes that are long gone.
export const deleteOldWriters = () =>
  sql("deleteOldWriters")`delete from tutti.writer where used_at < now() - interval '30 days'`;

export interface WriterRow {
  readonly number: number;
  readonly dropped: readonly number[];
}

// Waits for a commit that is still under way. One that has not begun is given up: the number after it is taken, so that it
// finds itself late.
export const settleCommit = (p: { writer: number; number: number }) => sql("settleCommit")`
  with was as (
    select number, dropped from tutti.writer where id = ${p.writer} for update
  ), fenced as (
    update tutti.writer w set number = ${p.number}::bigint + 1, dropped = '{}' from was where w.id = ${p.writer} and was.number < ${p.number}
  )
  select number, dropped from was`;

/** Each part is JSON, an array of rows; `null`: nothing of that kind. The first two are arrays of PostgreSQL. */
export interface Batch {
  /** All runs and task runs that the batch changes. */
  readonly runs: string;
  readonly task_runs: string;
  readonly creates: string | null;
  readonly advances: string | null;
  readonly run_changes: string | null;
  readonly drawers: string | null;
  readonly changes: string | null;
  readonly inserts: string | null;
  readonly attempts: string | null;
  readonly offers: string | null;
  readonly results: string | null;
}

interface Commit {
  readonly writer: number;
  readonly number: number;
  readonly scheduler: number | null;
}

/**
 * The places of the groups that were dropped, from 1; below zero: because a limit has no room for them. Behind the last group: rows of what
 * groups that were applied take, for which there is none.
 */
export interface CommitRow {
  readonly dropped: readonly number[];
}

export const commitGroups = (p: Commit, groups: number, b: Batch) => sql("commitGroups")`
  select tutti.commit_groups(${p.writer}::bigint, ${p.number}::bigint, ${groups}::int, ${p.scheduler}::bigint, ${b.runs}::uuid[],
    ${b.task_runs}::bigint[], ${b.creates}::json,
    ${b.advances}::json, ${b.run_changes}::json, ${b.drawers}::json, ${b.changes}::json, ${b.inserts}::json, ${b.attempts}::json,
    ${b.offers}::json, ${b.results}::json) as dropped`;

export const commitGroupsApart = (p: Commit, runs: string, groups: string) => sql("commitGroupsApart")`
  select tutti.commit_groups_apart(${p.writer}::bigint, ${p.number}::bigint, ${p.scheduler}::bigint, ${runs}::uuid[], ${groups}::json) as dropped`;

/** What goes with a batch beside its groups, as JSON arrays of rows with the place of their group; `null`: none of that kind. */
export interface Beside {
  readonly alerts: string | null;
  readonly uses: string | null;
  readonly releases: string | null;
  /** Of a test; `null`: the database's. */
  readonly now: Instant | null;
}

export const commitWith = (p: Commit, groups: number, b: Batch, w: Beside) => sql("commitWith")`
  select tutti.commit_with(${p.writer}::bigint, ${p.number}::bigint, ${groups}::int, ${p.scheduler}::bigint, ${b.runs}::uuid[],
    ${b.task_runs}::bigint[], ${b.creates}::json,
    ${b.advances}::json, ${b.run_changes}::json, ${b.drawers}::json, ${b.changes}::json, ${b.inserts}::json, ${b.attempts}::json,
    ${b.offers}::json, ${b.results}::json, ${w.alerts}::json, ${w.uses}::json, ${w.releases}::json,
    coalesce(tutti.instant(${w.now}), now())) as dropped`;

export const commitWithApart = (p: Commit, runs: string, groups: string, w: Beside) => sql("commitWithApart")`
  select tutti.commit_with_apart(${p.writer}::bigint, ${p.number}::bigint, ${p.scheduler}::bigint, ${runs}::uuid[], ${groups}::json,
    ${w.alerts}::json, ${w.uses}::json, ${w.releases}::json, coalesce(tutti.instant(${w.now}), now())) as dropped`;
