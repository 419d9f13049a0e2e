import type { Instant } from "../../core/clock.ts";
import { sql } from "./sql.ts";

export const follow = (p: { workflow: string }) => sql("follow")`
  insert into run_follower (workflow) values (${p.workflow}) on conflict do nothing`;

export const getCalledHead = (p: { runId: string }) => sql("getCalledHead")`
  select state, version from run where id = ${p.runId}`;

/** `tasks`: a JSON list of ids. */
export const listResults = (p: { runId: string; tasks: string; limit: number }) => sql("listResults")`
  select task, map_index, state, result, output from task_run
  where run = (select seq from run where id = ${p.runId}) and task in (select value from json_each(${p.tasks})) and state = 'succeeded'
  order by task, map_index limit ${p.limit}`;

export const getFirstFailed = (p: { runId: string }) => sql("getFirstFailed")`
  select task, map_index, state, result, output from task_run
  where run = (select seq from run where id = ${p.runId}) and state = 'failed' order by ended_at, id limit 1`;

export const listRunsIn = (p: { workflow: string; from: Instant; start: Instant; end: Instant; limit: number }) => sql(
  "listRunsIn",
)`
  select id, state, interval_start as start, interval_end as end from run
  where workflow = (select id from workflow where name = ${p.workflow}) and interval_start between ${p.from} and ${p.end}
    and interval_end >= ${p.start}
  order by interval_start desc limit ${p.limit}`;
