import type { BackfillState } from "../../core/backfill-state.ts";
import type { Instant } from "../../core/clock.ts";
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
  insert into tutti.backfill (id, workflow, schedule, version, plan, max_active_runs, state, total, created_at, created_by)
  values (${p.id}, ${p.workflow}, ${p.schedule}, ${p.version}, ${p.plan}, ${p.maxActiveRuns}, 'running', ${p.total},
    tutti.instant(${p.createdAt}::bigint), ${p.createdBy})
  on conflict do nothing`;

// A schedule that no deployed version has: windows are recorded under its name all the same.
export const ensureSchedule = (p: { workflow: number; name: string }) => sql("ensureSchedule")`
  insert into tutti.schedule (workflow, name) values (${p.workflow}, ${p.name}) on conflict do nothing`;

export const getScheduleId = (p: { workflow: number; name: string }) => sql("getScheduleId")`
  select id from tutti.schedule where workflow = ${p.workflow} and name = ${p.name}`;

export const getBackfill = (p: { id: string }) => sql("getBackfill")`
  select b.seq, b.id, w.name as workflow, b.version, b.plan, b.max_active_runs, b.state, b.revision, b.total, b.judged,
    tutti.micros(b.reached) as reached, b.skipped, b.outcomes, tutti.micros(b.created_at) as created_at, b.created_by,
    tutti.micros(b.ended_at) as ended_at
  from tutti.backfill b join tutti.workflow w on w.id = b.workflow where b.id = ${p.id}`;

export const listUnendedBackfills = () => sql("listUnendedBackfills")`
  select b.seq, b.id, w.name as workflow, b.version, b.plan, b.max_active_runs, b.state, b.revision, b.total, b.judged,
    tutti.micros(b.reached) as reached, b.skipped, b.outcomes, tutti.micros(b.created_at) as created_at, b.created_by,
    tutti.micros(b.ended_at) as ended_at
  from tutti.backfill b join tutti.workflow w on w.id = b.workflow where b.ended_at is null order by b.seq limit 10000`;

export const listBackfills = (p: {
  workflows: string | null;
  states: string | null;
  before: string;
  limit: number;
}) => sql("listBackfills")`
  select b.seq, b.id, w.name as workflow, b.version, b.plan, b.max_active_runs, b.state, b.revision, b.total, b.judged,
    tutti.micros(b.reached) as reached, b.skipped, b.outcomes, tutti.micros(b.created_at) as created_at, b.created_by,
    tutti.micros(b.ended_at) as ended_at
  from tutti.backfill b join tutti.workflow w on w.id = b.workflow
  where b.id collate "C" < ${p.before}
    and (${p.workflows}::text is null or w.name in (select json_array_elements_text(${p.workflows}::json)))
    and (${p.states}::text is null or b.state in (select json_array_elements_text(${p.states}::json)))
  order by b.id collate "C" desc limit ${p.limit}`;

export const findBackfills = (p: { from: string; to: string; limit: number }) => sql("findBackfills")`
  select id from tutti.backfill where id collate "C" >= ${p.from} and id collate "C" < ${p.to} order by id limit ${p.limit}`;

// Each is a stretch of the index, and few beside those that succeeded, which are not looked at.
export const countUnsucceeded = (p: { backfill: number }) => sql("countUnsucceeded")`
  select null as outcome, count(*) as windows, count(*) filter (where reopens) as reopens from tutti.schedule_window
    where backfill = ${p.backfill} and outcome is null
  union all select 'failed', count(*), 0 from tutti.schedule_window where backfill = ${p.backfill} and outcome = 'failed'
  union all select 'cancelled', count(*), 0 from tutti.schedule_window where backfill = ${p.backfill} and outcome = 'cancelled'`;

// Of several that step at once, and of decisions about the schedule, one goes after the other: the workflow is locked before all else.
export const lockWorkflowOfBackfill = (p: { id: string }) => sql("lockWorkflowOfBackfill")`
  select w.id as workflow, b.schedule from tutti.backfill b join tutti.workflow w on w.id = b.workflow
  where b.id = ${p.id} for no key update of w`;

export const lockBackfill = (p: { id: string }) => sql("lockBackfill")`
  select seq from tutti.backfill where id = ${p.id} for no key update`;

// Runs of windows that have not ended; without those held back, where it does not make way for them.
export const countActive = (p: { workflow: number; held: number }) => sql("countActive")`
  select count(*) as active from tutti.schedule s
  join tutti.schedule_window x on x.schedule = s.id and x.state = 'run' and x.outcome is null join tutti.run r on r.id = x.run
  where s.workflow = ${p.workflow} and (not r.held or ${p.held}::int = 1)`;

export interface FoundRow {
  /** In the step, from 0. */
  readonly place: number;
  readonly state: "run" | "missed" | "passed_over";
  readonly outcome: "succeeded" | "failed" | "cancelled" | null;
  readonly uuid: string | null;
}

// Whoever ends, or opens again, the run of one of these waits until the step is recorded.
export const lockWindows = (p: { schedule: number; windows: string }) => sql("lockWindows")`
  select g.place, x.state, x.outcome, x.run as uuid
  from json_to_recordset(${p.windows}::json) as g (place integer, local_start text, start_fold integer, local_end text, end_fold integer, timezone text)
  join tutti.schedule_window x on x.schedule = ${p.schedule} and x.local_start = g.local_start and x.start_fold = g.start_fold
    and x.local_end = g.local_end and x.end_fold = g.end_fold and x.timezone = g.timezone
  order by x.id for no key update of x`;

export const listKnownRuns = (p: { uuids: string }) => sql("listKnownRuns")`
  select id as uuid from tutti.run where id = any (${p.uuids}::uuid[])`;

export const runWindows = (p: {
  backfill: number;
  workflow: number;
  schedule: number;
  version: number;
  windows: string;
}) => sql("runWindows")`
  select tutti.run_windows(${p.backfill}::bigint, ${p.workflow}::bigint, ${p.schedule}::bigint, ${p.version}::bigint, ${p.windows}::json)`;

export const advanceBackfill = (p: { seq: number; judged: number; reached: Instant; skipped: string }) => sql(
  "advanceBackfill",
)`
  update tutti.backfill set revision = revision + 1, judged = judged + ${p.judged}::int, reached = tutti.instant(${p.reached}::bigint),
    skipped = ${p.skipped}
  where seq = ${p.seq}`;

export const endBackfill = (p: { seq: number; state: BackfillState; outcomes: string; now: Instant }) => sql(
  "endBackfill",
)`
  update tutti.backfill set state = ${p.state}, outcomes = ${p.outcomes}, ended_at = tutti.instant(${p.now}::bigint), revision = revision + 1
  where seq = ${p.seq}`;

export const turnBackfill = (p: { seq: number; state: BackfillState }) => sql("turnBackfill")`
  update tutti.backfill set state = ${p.state}, revision = revision + 1 where seq = ${p.seq}`;

// What was to be opened again stays as it ended.
export const leaveClosed = (p: { backfill: number }) => sql("leaveClosed")`
  update tutti.schedule_window x set reopens = false, outcome = r.state
  from tutti.run r where x.backfill = ${p.backfill} and x.outcome is null and x.reopens and r.id = x.run`;

export const listOpenRuns = (p: { id: string }) => sql("listOpenRuns")`
  select x.run as uuid, x.reopens from tutti.backfill b join tutti.schedule_window x on x.backfill = b.seq and x.outcome is null
  where b.id = ${p.id} order by x.starts_at, x.id limit 100000`;
