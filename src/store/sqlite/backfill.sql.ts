import type { BackfillState } from "../../core/backfill-state.ts";
import type { Instant } from "../../core/clock.ts";
import type { NewWindowRow } from "./schedule.sql.ts";
import { sql } from "./sql.ts";

export interface NewBackfillRow {
  readonly id: string;
  readonly workflow: number;
  readonly schedule: number;
  readonly version: number | null;
  readonly plan: string;
  readonly maxActiveRuns: number;
  readonly total: number;
  readonly createdAt: Instant;
  readonly createdBy: string;
}

export const insertBackfill = (p: NewBackfillRow) => sql("insertBackfill")`
  insert into backfill (id, workflow, schedule, version, plan, max_active_runs, state, total, created_at, created_by)
  values (${p.id}, ${p.workflow}, ${p.schedule}, ${p.version}, ${p.plan}, ${p.maxActiveRuns}, 'running', ${p.total}, ${p.createdAt}, ${p.createdBy})
  on conflict do nothing`;

// A schedule that no deployed version has: windows are recorded under its name all the same.
export const ensureSchedule = (p: { workflow: number; name: string }) => sql("ensureSchedule")`
  insert into schedule (workflow, name) values (${p.workflow}, ${p.name}) on conflict do nothing`;

export const getScheduleId = (p: { workflow: number; name: string }) => sql("getScheduleId")`
  select id from schedule where workflow = ${p.workflow} and name = ${p.name}`;

export const getBackfill = (p: { id: string }) => sql("getBackfill")`
  select b.*, w.name as workflow from backfill b join workflow w on w.id = b.workflow where b.id = ${p.id}`;

export const listUnendedBackfills = () => sql("listUnendedBackfills")`
  select b.*, w.name as workflow from backfill b join workflow w on w.id = b.workflow where b.ended_at is null order by b.seq limit 10000`;

export const listBackfills = (p: {
  workflows: string | null;
  states: string | null;
  before: string;
  limit: number;
}) => sql("listBackfills")`
  select b.*, w.name as workflow from backfill b join workflow w on w.id = b.workflow
  where b.id < ${p.before} and (${p.workflows} is null or w.name in (select value from json_each(${p.workflows})))
    and (${p.states} is null or b.state in (select value from json_each(${p.states})))
  order by b.id desc limit ${p.limit}`;

export const findBackfills = (p: { from: string; to: string; limit: number }) => sql("findBackfills")`
  select id from backfill where id >= ${p.from} and id < ${p.to} order by id limit ${p.limit}`;

// Each is a stretch of the index, and few beside those that succeeded, which are not looked at.
export const countUnsucceeded = (p: { backfill: number }) => sql("countUnsucceeded")`
  select null as outcome, count(*) as windows, coalesce(sum(reopens), 0) as reopens from schedule_window where backfill = ${p.backfill} and outcome is null
  union all select 'failed', count(*), 0 from schedule_window where backfill = ${p.backfill} and outcome = 'failed'
  union all select 'cancelled', count(*), 0 from schedule_window where backfill = ${p.backfill} and outcome = 'cancelled'`;

export interface PlaceRow {
  readonly workflow: number;
  readonly schedule: number;
}

export const getBackfillPlace = (p: { id: string }) =>
  sql("getBackfillPlace")`select workflow, schedule from backfill where id = ${p.id}`;

// Runs of windows that have not ended; without those held back, where it does not make way for them.
export const countActive = (p: { workflow: number; held: number }) => sql("countActive")`
  select count(*) as active from schedule s
  join schedule_window x on x.schedule = s.id and x.state = 'run' and x.outcome is null join run r on r.id = x.run
  where s.workflow = ${p.workflow} and (r.held = 0 or ${p.held} = 1)`;

export interface FoundRow {
  readonly state: "run" | "missed" | "passed_over";
  readonly outcome: "succeeded" | "failed" | "cancelled" | null;
  readonly run: string | null;
  /** 1: the run is there. */
  readonly known: number;
}

export const findWindow = (p: Omit<NewWindowRow, "startsAt" | "state" | "run">) => sql("findWindow")`
  select x.state, x.outcome, x.run, exists (select 1 from run r where r.id = x.run) as known from schedule_window x
  where x.schedule = ${p.schedule} and x.local_start = ${p.localStart} and x.start_fold = ${p.startFold} and x.local_end = ${p.localEnd}
    and x.end_fold = ${p.endFold} and x.timezone = ${p.timezone}`;

// What it was before has been judged, in this transaction.
export const runWindow = (p: Omit<NewWindowRow, "state"> & { backfill: number; reopens: number }) => sql("runWindow")`
  insert into schedule_window (schedule, local_start, start_fold, local_end, end_fold, timezone, starts_at, state, run, backfill, reopens)
  values (${p.schedule}, ${p.localStart}, ${p.startFold}, ${p.localEnd}, ${p.endFold}, ${p.timezone}, ${p.startsAt}, 'run', ${p.run}, ${p.backfill}, ${p.reopens})
  on conflict do update set state = 'run', run = excluded.run, outcome = null, backfill = excluded.backfill, reopens = excluded.reopens
  returning id`;

export const advanceBackfill = (p: { seq: number; judged: number; reached: Instant | null; skipped: string }) => sql(
  "advanceBackfill",
)`
  update backfill set revision = revision + 1, judged = judged + ${p.judged}, reached = coalesce(${p.reached}, reached), skipped = ${p.skipped}
  where seq = ${p.seq}`;

export const endBackfill = (p: { seq: number; state: BackfillState; outcomes: string; now: Instant }) => sql(
  "endBackfill",
)`
  update backfill set state = ${p.state}, outcomes = ${p.outcomes}, ended_at = ${p.now}, revision = revision + 1 where seq = ${p.seq}`;

export const turnBackfill = (p: { seq: number; state: BackfillState }) => sql("turnBackfill")`
  update backfill set state = ${p.state}, revision = revision + 1 where seq = ${p.seq}`;

// What was to be opened again stays as it ended.
export const leaveClosed = (p: { backfill: number }) => sql("leaveClosed")`
  update schedule_window set reopens = 0, outcome = (select state from run r where r.id = schedule_window.run)
  where backfill = ${p.backfill} and outcome is null and reopens = 1`;

export const listOpenRuns = (p: { id: string }) => sql("listOpenRuns")`
  select x.run, x.reopens from backfill b join schedule_window x on x.backfill = b.seq and x.outcome is null
  where b.id = ${p.id} order by x.starts_at, x.id limit 100000`;
