import type { Instant } from "../../core/clock.ts";
import type { RunState } from "../../core/run-state.ts";
import type { NewRun } from "../store.ts";
import { sql } from "./sql.ts";

export const getRunHead = (p: { id: string }) => sql("getRunHead")`
  select seq, workflow, version, state, generation, revision, cancel_requested, timed_out, started_at, ended_at, counts
  from run join run_progress on run = seq where id = ${p.id}`;

export const getRun = (p: { id: string }) => sql("getRun")`
  select r.*, g.revision, g.counts, w.name as workflow, p.input as params_input, p.parsed as params, p.lists as params_lists, p.cause, b.id as backfill, q.partition
  from run r join run_progress g on g.run = r.seq join workflow w on w.id = r.workflow left join run_params p on p.run = r.seq
    left join schedule_window x on x.id = r.window_id left join backfill b on b.seq = x.backfill left join run_partition q on q.run = r.id
  where r.id = ${p.id}`;

export const getMaxRunSeq = () => sql("getMaxRunSeq")`select coalesce(max(seq), 0) as seq from run`;

export const listUnfinishedRuns = () => sql("listUnfinishedRuns")`
  select id from run where (state = 'queued' or state = 'running') and held = 0 order by id limit 1000000`;

/** The number of the window that a run is for. `held`: it waits for its turn or its past, and nobody advances it. */
export interface RunPlace {
  readonly window: number | null;
  readonly held: boolean;
}

/** A run as it is first written: with the changes that come in the same group. */
export interface NewRunRow {
  readonly seq: number;
  readonly run: NewRun;
  readonly workflow: number;
  readonly state: RunState;
  readonly cancelRequested: boolean;
  readonly startedAt: Instant | null;
  readonly endedAt: Instant | null;
  readonly place: RunPlace;
}

// A run that exists already matches no row, as a guard does.
export const insertRun = (p: NewRunRow) => sql("insertRun")`
  insert into run (seq, id, workflow, version, state, generation, trigger, interval_start, interval_end, date, timezone,
    cancel_requested, created_at, started_at, ended_at, window_id, held)
  values (${p.seq}, ${p.run.id}, ${p.workflow}, ${p.run.versionId}, ${p.state}, ${p.run.generation}, ${p.run.trigger},
    ${p.run.intervalStart}, ${p.run.intervalEnd}, ${p.run.date}, ${p.run.timezone},
    ${Number(p.cancelRequested)}, ${p.run.createdAt}, ${p.startedAt}, ${p.endedAt}, ${p.place.window}, ${Number(p.place.held)})
  on conflict do nothing`;

export const insertRunParams = (p: {
  run: number;
  input: string | null;
  parsed: string | null;
  lists: string | null;
}) => sql("insertRunParams")`
  insert into run_params (run, input, parsed, lists) values (${p.run}, ${p.input}, ${p.parsed}, ${p.lists})`;

export const insertRunPartition = (p: { runId: string; partition: string }) => sql("insertRunPartition")`
  insert into run_partition (run, partition) values (${p.runId}, ${p.partition})`;

export const insertPastVersion = (p: { run: number; version: number }) => sql("insertPastVersion")`
  insert into run_past_version (run, version) values (${p.run}, ${p.version}) on conflict do nothing`;

export const insertRunProgress = (p: { run: number; counts: string }) =>
  sql("insertRunProgress")`insert into run_progress (run, revision, counts) values (${p.run}, 1, ${p.counts})`;

// The revision is the guard: a decision made on an older one matches no row.
export const advanceRun = (p: { seq: number; revision: number; counts: string }) => sql("advanceRun")`
  update run_progress set revision = revision + 1, counts = ${p.counts} where run = ${p.seq} and revision = ${p.revision}`;

export interface RunUpdate {
  readonly seq: number;
  readonly state: RunState;
  readonly generation: number;
  readonly cancelRequested: boolean;
  readonly timedOut: boolean;
  readonly startedAt: Instant | null;
  readonly endedAt: Instant | null;
}

// After `advanceRun`, whose guard holds for it. What is set is written to its indexes again, changed or not, and wakes its triggers:
// the first step of a run and its version stand apart.
export const beginRun = (p: { seq: number; startedAt: Instant | null }) =>
  sql("beginRun")`update run set state = 'running', started_at = ${p.startedAt} where seq = ${p.seq}`;

export const changeRun = (p: RunUpdate) => sql("changeRun")`
  update run set state = ${p.state}, generation = ${p.generation}, cancel_requested = ${Number(p.cancelRequested)}, timed_out = ${Number(p.timedOut)},
    started_at = ${p.startedAt}, ended_at = ${p.endedAt}
  where seq = ${p.seq}`;

export const changeRunVersion = (p: { seq: number; version: number }) =>
  sql("changeRunVersion")`update run set version = ${p.version} where seq = ${p.seq}`;
