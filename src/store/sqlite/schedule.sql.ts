import type { Instant } from "../../core/clock.ts";
import { sql } from "./sql.ts";

// `workflows`: a JSON array of names; null: all.
export const listSchedules = (p: { workflows: string | null; counted: number }) => sql("listSchedules")`
  select s.id, w.name as workflow, s.name, w.latest_version as version, s.revision, s.cursor,
    case when w.paused_at is null then max(s.enabled_since, w.enabled_since) end as enabled_since,
    case when ${p.counted} = 1 then
      (select count(*) from schedule_window x where x.schedule = s.id and x.state = 'run' and x.outcome is null)
    else 0 end as unfinished,
    case when ${p.counted} = 1 then
      (select count(*) from schedule t join schedule_window x on x.schedule = t.id
        where t.workflow = w.id and x.state = 'run' and x.outcome is null and x.backfill is null)
    else 0 end as active,
    (select count(*) from run r where r.workflow = w.id and r.held = 1) as held
  from schedule s join workflow w on w.id = s.workflow
  where s.enabled_since is not null and w.retired_at is null and w.latest_version is not null
    and (${p.workflows} is null or w.name in (select value from json_each(${p.workflows})))
  order by w.name, s.name limit 1000000`;

// Names of the latest version's schedules. One that is there anew begins anew.
export const keepSchedules = (p: { workflow: number; names: string; now: Instant }) => sql("keepSchedules")`
  insert into schedule (workflow, name, enabled_since)
  select ${p.workflow}, value, ${p.now} from json_each(${p.names}) where true
  on conflict (workflow, name) do update set enabled_since = coalesce(schedule.enabled_since, excluded.enabled_since)`;

export const dropSchedules = (p: { workflow: number; names: string }) => sql("dropSchedules")`
  update schedule set enabled_since = null
  where workflow = ${p.workflow} and enabled_since is not null and name not in (select value from json_each(${p.names}))`;

// The guard of a decision: nobody has decided since, and what it follows is still so.
export const advanceSchedule = (p: { id: number; revision: number; version: number; cursor: string }) => sql(
  "advanceSchedule",
)`
  update schedule set revision = revision + 1, cursor = ${p.cursor}
  where id = ${p.id} and revision = ${p.revision} and enabled_since is not null and exists (
    select 1 from workflow w where w.id = schedule.workflow and w.latest_version = ${p.version} and w.paused_at is null and w.retired_at is null
  )`;

export interface NewWindowRow {
  readonly schedule: number;
  readonly localStart: string;
  readonly startFold: number;
  readonly localEnd: string;
  readonly endFold: number;
  readonly timezone: string;
  readonly startsAt: Instant;
  readonly state: string;
  readonly run: string | null;
}

// A window without a run may get one; one that has it matches nothing.
export const insertWindow = (p: NewWindowRow) => sql("insertWindow")`
  insert into schedule_window (schedule, local_start, start_fold, local_end, end_fold, timezone, starts_at, state, run)
  values (${p.schedule}, ${p.localStart}, ${p.startFold}, ${p.localEnd}, ${p.endFold}, ${p.timezone}, ${p.startsAt}, ${p.state}, ${p.run})
  on conflict do update set state = excluded.state, run = excluded.run
    where schedule_window.state <> 'run' and excluded.state = 'run'
  returning id`;

export const getRunExists = (p: { id: string }) => sql("getRunExists")`select 1 as known from run where id = ${p.id}`;

export interface ActiveRow {
  readonly id: string;
  readonly held: number;
  readonly backfill: number;
}

/** Not of runs by hand, nor of a backfill. */
export const listOutcomes = (p: { workflow: string; limit: number }) => sql("listOutcomes")`
  select r.state from workflow w join run r on r.workflow = w.id
  where w.name = ${p.workflow} and (r.state = 'succeeded' or r.state = 'failed' or r.state = 'cancelled')
    and r.trigger <> 'manual' and r.trigger <> 'backfill'
    and r.created_at >= coalesce((select max(s.enabled_since) from schedule s where s.workflow = w.id), 0)
  order by r.id desc limit ${p.limit}`;

export const listActiveRuns = (p: { workflow: string }) => sql("listActiveRuns")`
  select id, held, backfill from (
    select r.id, r.held, x.backfill is not null as backfill, x.starts_at as place from workflow w join schedule s on s.workflow = w.id
    join schedule_window x on x.schedule = s.id and x.state = 'run' and x.outcome is null join run r on r.id = x.run
    where w.name = ${p.workflow}
    union all
    select r.id, r.held, 0, r.interval_start from workflow w join run r on r.workflow = w.id
    where w.name = ${p.workflow} and r.subscription is not null and (r.state = 'queued' or r.state = 'running')
  ) order by place, id limit 100000`;

export interface HeldRow {
  readonly seq: number;
  readonly id: string;
  /** `null`: an event has started it, it has no window. */
  readonly schedule: number | null;
  readonly starts_at: number;
}

export const listHeldRuns = (p: { workflow: string; limit: number }) => sql("listHeldRuns")`
  select r.seq, r.id, x.schedule, coalesce(x.starts_at, r.interval_start) as starts_at from workflow w
  join run r on r.workflow = w.id and r.held = 1 left join schedule_window x on x.id = r.window_id
  where w.name = ${p.workflow} and w.paused_at is null and r.state = 'queued' order by 4, r.id limit ${p.limit}`;

export interface PastRow {
  readonly run: string;
  readonly outcome: string | null;
}

// The window with a run that comes before.
export const getPast = (p: { schedule: number; startsAt: Instant; run: string }) => sql("getPast")`
  select run, outcome from schedule_window
  where schedule = ${p.schedule} and state = 'run' and starts_at <= ${p.startsAt} and run <> ${p.run}
  order by starts_at desc, id desc limit 1`;

// Whether a run's tasks of these have all succeeded or been skipped; elements count each.
export const countUnsettled = (p: { runId: string; tasks: string }) => sql("countUnsettled")`
  select count(*) as unsettled from json_each(${p.tasks}) k join run r on r.id = ${p.runId}
  left join task_run t on t.run = r.seq and t.task = k.value
  where t.state is null or (t.state <> 'succeeded' and t.state <> 'skipped' and t.state <> 'removed')`;

export const releaseRun = (p: { seq: number }) => sql("releaseRun")`update run set held = 0 where seq = ${p.seq}`;

export interface PauseRow {
  readonly id: number;
  readonly paused_at: number | null;
  readonly paused_by: string | null;
}

export const getPause = (p: { workflow: string }) => sql("getPause")`
  select id, paused_at, paused_by from workflow where name = ${p.workflow}`;

export const setPause = (p: { id: number; at: Instant; by: string }) => sql("setPause")`
  update workflow set paused_at = ${p.at}, paused_by = ${p.by} where id = ${p.id}`;

export const endPause = (p: { id: number; at: Instant }) => sql("endPause")`
  update workflow set paused_at = null, paused_by = null, enabled_since = ${p.at} where id = ${p.id}`;

export interface CursorRow {
  readonly id: number;
  readonly cursor: string;
}

export const listCursors = (p: { workflow: number }) => sql("listCursors")`
  select id, cursor from schedule where workflow = ${p.workflow} and cursor is not null limit 100000`;

export const clearCursor = (p: { id: number }) => sql("clearCursor")`
  update schedule set cursor = null, revision = revision + 1 where id = ${p.id}`;

export const beat = (p: { now: Instant; gapUs: number }) => sql("beat")`
  insert into schedule_watch (id, up_since, seen_at) values (1, ${p.now}, ${p.now})
  on conflict (id) do update set seen_at = excluded.seen_at,
    up_since = case when excluded.seen_at - schedule_watch.seen_at > ${p.gapUs} then excluded.up_since else schedule_watch.up_since end
  returning up_since`;

export const listWindows = (p: {
  workflow: string;
  schedule: string;
  from: Instant;
  to: Instant;
  partitions: string | null;
  limit: number;
}) => sql("listWindows")`
  select s.name as schedule, x.timezone, x.local_start, x.start_fold, x.local_end, x.end_fold, x.starts_at, x.state, x.run, x.outcome
  from workflow w join schedule s on s.workflow = w.id join schedule_window x on x.schedule = s.id
  where w.name = ${p.workflow} and s.name = ${p.schedule} and x.starts_at between ${p.from} and ${p.to}
    and (${p.partitions} is null or x.local_start in (select value from json_each(${p.partitions})))
  order by x.starts_at, x.id limit ${p.limit}`;
