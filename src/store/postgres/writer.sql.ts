import { sql } from "./sql.ts";

export const insertWriter = () => sql("insertWriter")`insert into tutti.writer default values returning id`;

// Those of processes that are long gone.
export const deleteOldWriters = () =>
  sql("deleteOldWriters")`delete from tutti.writer where used_at < now() - interval '30 days'`;

export interface WriterRow {
  readonly number: number;
  readonly dropped: readonly number[];
}

// Waits for a commit that is still under way.
export const getLastCommit = (p: { writer: number }) =>
  sql("getLastCommit")`select number, dropped from tutti.writer where id = ${p.writer} for update`;

/** Each part is JSON, an array of rows; `null`: nothing of that kind. */
export interface Batch {
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

/** The places of the groups that were dropped, from 1. */
export interface CommitRow {
  readonly dropped: readonly number[];
}

export const commitGroups = (p: Commit, groups: number, b: Batch) => sql("commitGroups")`
  select tutti.commit_groups(${p.writer}::bigint, ${p.number}::bigint, ${groups}::int, ${p.scheduler}::bigint, ${b.creates}::json,
    ${b.advances}::json, ${b.run_changes}::json, ${b.drawers}::json, ${b.changes}::json, ${b.inserts}::json, ${b.attempts}::json,
    ${b.offers}::json, ${b.results}::json) as dropped`;

export const commitGroupsApart = (p: Commit, runs: string, groups: string) => sql("commitGroupsApart")`
  select tutti.commit_groups_apart(${p.writer}::bigint, ${p.number}::bigint, ${p.scheduler}::bigint, ${runs}::uuid[], ${groups}::json) as dropped`;
