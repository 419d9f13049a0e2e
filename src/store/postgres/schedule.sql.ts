import type { Instant } from "../../core/clock.ts";
import { sql } from "./sql.ts";

// `workflows`: a JSON array of names; null: all.
export const listSchedules = (p: { workflows: string | null; counted: number }) => sql("listSchedules")`
  select s.id, w.name as workflow, s.name, w.latest_version as version, s.revision, s.cursor,
    case when w.paused_at is null then tutti.micros(greatest(s.enabled_since, w.enabled_since)) end as enabled_since,
    case when ${p.counted}::int = 1 then
      (select count(*) from tutti.schedule_window x where x.schedule = s.id and x.state = 'run' and x.outcome is null)
    else 0 end as unfinished,
    case when ${p.counted}::int = 1 then
      (select count(*) from tutti.schedule t join tutti.schedule_window x on x.schedule = t.id
        where t.workflow = w.id and x.state = 'run' and x.outcome is null and x.backfill is null)
    else 0 end as active,
    (select count(*) from tutti.run r where r.workflow = w.id and r.held) as held
  from tutti.schedule s join tutti.workflow w on w.id = s.workflow
  where s.enabled_since is not null and w.retired_at is null and w.latest_version is not null
    and (${p.workflows}::json is null or w.name in (select json_array_elements_text(${p.workflows}::json)))
  order by w.name collate "C", s.name collate "C" limit 1000000`;

// Names of the latest version's schedules. One that is there anew begins anew.
export const keepSchedules = (p: { workflow: number; names: string; now: Instant }) => sql("keepSchedules")`
  insert into tutti.schedule as s (workflow, name, enabled_since)
  select ${p.workflow}::bigint, n.name, tutti.instant(${p.now}::bigint) from json_array_elements_text(${p.names}::json) as n (name)
  on conflict (workflow, name) do update set enabled_since = coalesce(s.enabled_since, excluded.enabled_since)`;

export const dropSchedules = (p: { workflow: number; names: string }) => sql("dropSchedules")`
  update tutti.schedule set enabled_since = null
  where workflow = ${p.workflow} and enabled_since is not null and name not in (select json_array_elements_text(${p.names}::json))`;

export interface DecidedRow {
  readonly place: number;
  readonly runs: readonly string[];
}

export const decideWindows = (p: { scheduler: number | null; decisions: string }) => sql("decideWindows")`
  select place, runs::text[] as runs from tutti.decide_windows(${p.scheduler}::bigint, ${p.decisions}::json)`;

/** Not of runs by hand, nor of a backfill. */
export const listOutcomes = (p: { workflow: string; limit: number }) => sql("listOutcomes")`
  select r.state from tutti.workflow w join tutti.run r on r.workflow = w.id
  where w.name = ${p.workflow} and r.state in ('succeeded', 'failed', 'cancelled') and r.trigger not in ('manual', 'backfill')
    and r.created_at >= coalesce((select max(s.enabled_since) from tutti.schedule s where s.workflow = w.id), '-infinity')
  order by r.id desc limit ${p.limit}`;

export const listActiveRuns = (p: { workflow: string }) => sql("listActiveRuns")`
  select uuid, held, backfill from (
    select r.id as uuid, r.held, x.backfill is not null as backfill, x.starts_at as place from tutti.workflow w join tutti.schedule s on s.workflow = w.id
    join tutti.schedule_window x on x.schedule = s.id and x.state = 'run' and x.outcome is null join tutti.run r on r.id = x.run
    where w.name = ${p.workflow}
    union all
    select r.id, r.held, false, r.interval_start from tutti.workflow w join tutti.run r on r.workflow = w.id
    where w.name = ${p.workflow} and r.subscription is not null and r.state in ('queued', 'running')
  ) a order by place, uuid limit 100000`;

// Of several that ask at once, one after the other sees what the one before let begin.
export const lockWorkflow = (p: { workflow: string }) => sql("lockWorkflow")`
  select id from tutti.workflow where name = ${p.workflow} for no key update`;

export interface HeldRow {
  readonly seq: number;
  readonly uuid: string;
  /** `null`: an event has started it, it has no window. */
  readonly schedule: number | null;
  readonly starts_at: number;
}

export const listHeldRuns = (p: { workflow: string; limit: number }) => sql("listHeldRuns")`
  select r.seq, r.id as uuid, x.schedule, tutti.micros(coalesce(x.starts_at, r.interval_start)) as starts_at
  from tutti.workflow w join tutti.run r on r.workflow = w.id and r.held left join tutti.schedule_window x on x.id = r.window_id
  where w.name = ${p.workflow} and w.paused_at is null and r.state = 'queued' order by 4, r.id limit ${p.limit}`;

export interface PastRow {
  readonly uuid: string;
  readonly outcome: string | null;
}

// The window with a run that comes before.
export const getPast = (p: { schedule: number; startsAt: Instant; uuid: string }) => sql("getPast")`
  select run as uuid, outcome from tutti.schedule_window
  where schedule = ${p.schedule} and state = 'run' and starts_at <= tutti.instant(${p.startsAt}::bigint) and run <> ${p.uuid}::uuid
  order by starts_at desc, id desc limit 1`;

// Whether a run's tasks of these have all succeeded or been skipped; elements count each. No row: the run is gone.
export const countUnsettled = (p: { uuid: string; tasks: string }) => sql("countUnsettled")`
  select count(*) filter (where t.state is null or t.state not in ('succeeded', 'skipped', 'removed'))::int as unsettled
  from tutti.run r cross join json_array_elements_text(${p.tasks}::json) k
  left join tutti.task_run t on t.run = r.seq and t.task = k.value::bigint
  where r.id = ${p.uuid}::uuid group by r.seq`;

export const releaseRun = (p: { seq: number }) => sql("releaseRun")`
  update tutti.run set held = false where seq = ${p.seq}`;

export interface PauseRow {
  readonly id: number;
  readonly paused_at: number | null;
  readonly paused_by: string | null;
  readonly enabled_since: number | null;
}

export const getPause = (p: { workflow: string }) => sql("getPause")`
  select id, tutti.micros(paused_at) as paused_at, paused_by, tutti.micros(enabled_since) as enabled_since from tutti.workflow where name = ${p.workflow} for no key update`;

export const setPause = (p: { id: number; now: Instant | null; by: string }) => sql("setPause")`
  update tutti.workflow set paused_at = coalesce(tutti.instant(${p.now}), now()), paused_by = ${p.by} where id = ${p.id}`;

export const endPause = (p: { id: number; now: Instant | null }) => sql("endPause")`
  update tutti.workflow set paused_at = null, paused_by = null, enabled_since = coalesce(tutti.instant(${p.now}), now()) where id = ${p.id}`;

export interface CursorRow {
  readonly id: number;
  readonly cursor: string;
}

export const listCursors = (p: { workflow: number }) => sql("listCursors")`
  select id, cursor from tutti.schedule where workflow = ${p.workflow} and cursor is not null limit 100000`;

export const clearCursor = (p: { id: number }) => sql("clearCursor")`
  update tutti.schedule set cursor = null, revision = revision + 1 where id = ${p.id}`;

export const beat = (p: { now: Instant; gapMs: number }) => sql("beat")`
  insert into tutti.schedule_watch as s (id, up_since, seen_at)
  values (1, tutti.instant(${p.now}::bigint), tutti.instant(${p.now}::bigint))
  on conflict (id) do update set seen_at = excluded.seen_at,
    up_since = case when excluded.seen_at - s.seen_at > ${p.gapMs}::float8 * interval '1 millisecond' then excluded.up_since else s.up_since end
  returning tutti.micros(up_since) as up_since`;

export const listWindows = (p: {
  workflow: string;
  schedule: string;
  from: Instant;
  to: Instant;
  partitions: string | null;
  limit: number;
}) => sql("listWindows")`
  select s.name as schedule, x.timezone, x.local_start, x.start_fold, x.local_end, x.end_fold, tutti.micros(x.starts_at) as starts_at,
    x.state, x.run, x.outcome
  from tutti.workflow w join tutti.schedule s on s.workflow = w.id join tutti.schedule_window x on x.schedule = s.id
  where w.name = ${p.workflow} and s.name = ${p.schedule}
    and x.starts_at between tutti.instant(${p.from}::bigint) and tutti.instant(${p.to}::bigint)
    and (${p.partitions}::text is null or x.local_start in (select json_array_elements_text(${p.partitions}::json)))
  order by x.starts_at, x.id limit ${p.limit}`;
