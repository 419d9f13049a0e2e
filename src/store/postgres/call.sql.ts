import type { Instant } from "../../core/clock.ts";
import { sql } from "./sql.ts";

export const follow = (p: { workflow: string }) => sql("follow")`
  insert into tutti.run_follower (workflow) values (${p.workflow}) on conflict do nothing`;

export const getCalledHead = (p: { uuid: string }) => sql("getCalledHead")`
  select state, version from tutti.run where id = ${p.uuid}::uuid`;

/** `tasks`: a list of ids. */
export const listResults = (p: { uuid: string; tasks: string; limit: number }) => sql("listResults")`
  select task, map_index, state, result, output from tutti.task_run
  where run = (select seq from tutti.run where id = ${p.uuid}::uuid) and task = any (${p.tasks}::bigint[]) and state = 'succeeded'
  order by task, map_index limit ${p.limit}`;

export const getFirstFailed = (p: { uuid: string }) => sql("getFirstFailed")`
  select task, map_index, state, result, output from tutti.task_run
  where run = (select seq from tutti.run where id = ${p.uuid}::uuid) and state = 'failed' order by ended_at, id limit 1`;

export const listRunsIn = (p: { workflow: string; from: Instant; start: Instant; end: Instant; limit: number }) => sql(
  "listRunsIn",
)`
  select id, state, tutti.micros(interval_start) as start, tutti.micros(interval_end) as end from tutti.run
  where workflow = (select id from tutti.workflow where name = ${p.workflow})
    and interval_start between tutti.instant(${p.from}::bigint) and tutti.instant(${p.end}::bigint)
    and interval_end >= tutti.instant(${p.start}::bigint)
  order by interval_start desc limit ${p.limit}`;
