import type { Instant } from "../../core/clock.ts";
import type { RunState } from "../../core/run-state.ts";
import type { RunHeadRow } from "../run-row.ts";
import type { NewRun } from "../store.ts";
import { sql } from "./sql.ts";

export const getRunHead = (p: { seq: number }) => sql("getRunHead")`
  select seq, workflow, version, state, generation, revision, cancel_requested, started_at, ended_at, counts from run where seq = ${p.seq}`;

/** What every commit needs to know of its run; a row object costs by the column. */
export type RunPositionRow = Pick<RunHeadRow, "seq" | "revision" | "counts">;

export const getRunPosition = (p: { id: string }) =>
  sql("getRunPosition")`select seq, revision, counts from run where id = ${p.id}`;

export const getRun = (p: { id: string }) => sql("getRun")`
  select r.*, w.name as workflow, p.input as params_input, p.parsed as params, p.lists as params_lists
  from run r join workflow w on w.id = r.workflow left join run_params p on p.run = r.seq
  where r.id = ${p.id}`;

export const listUnfinishedRuns = () => sql("listUnfinishedRuns")`
  select id from run where state = 'queued' or state = 'running' order by id limit 1000000`;

/** A run as it is first written: with the changes that come in the same group. */
export interface NewRunRow {
  readonly run: NewRun;
  readonly workflow: number;
  readonly state: RunState;
  readonly cancelRequested: boolean;
  readonly startedAt: Instant | null;
  readonly endedAt: Instant | null;
  readonly counts: string;
}

// A run that exists already matches no row, as a guard does.
export const insertRun = (p: NewRunRow) => sql("insertRun")`
  insert into run (id, workflow, version, state, generation, revision, trigger, interval_start, interval_end, date, timezone,
    cancel_requested, created_at, started_at, ended_at, counts)
  values (${p.run.id}, ${p.workflow}, ${p.run.versionId}, ${p.state}, ${p.run.generation}, 1, ${p.run.trigger},
    ${p.run.intervalStart}, ${p.run.intervalEnd}, ${p.run.date}, ${p.run.timezone},
    ${Number(p.cancelRequested)}, ${p.run.createdAt}, ${p.startedAt}, ${p.endedAt}, ${p.counts})
  on conflict do nothing
  returning seq`;

export const insertRunParams = (p: {
  run: number;
  input: string | null;
  parsed: string | null;
  lists: string | null;
}) => sql("insertRunParams")`
  insert into run_params (run, input, parsed, lists) values (${p.run}, ${p.input}, ${p.parsed}, ${p.lists})`;

export const insertPastVersion = (p: { run: number; version: number }) => sql("insertPastVersion")`
  insert into run_past_version (run, version) values (${p.run}, ${p.version}) on conflict do nothing`;

// The revision is the guard: a decision made on an older one matches no row.
export const advanceRun = (p: { seq: number; revision: number; counts: string }) => sql("advanceRun")`
  update run set revision = revision + 1, counts = ${p.counts} where seq = ${p.seq} and revision = ${p.revision}`;

export interface RunUpdate {
  readonly seq: number;
  readonly revision: number;
  readonly counts: string;
  readonly state: RunState;
  readonly generation: number;
  readonly version: number;
  readonly cancelRequested: boolean;
  readonly startedAt: Instant | null;
  readonly endedAt: Instant | null;
}

export const changeRun = (p: RunUpdate) => sql("changeRun")`
  update run set revision = revision + 1, counts = ${p.counts}, state = ${p.state}, generation = ${p.generation}, version = ${p.version},
    cancel_requested = ${Number(p.cancelRequested)}, started_at = ${p.startedAt}, ended_at = ${p.endedAt}
  where seq = ${p.seq} and revision = ${p.revision}`;
