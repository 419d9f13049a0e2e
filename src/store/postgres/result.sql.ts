import { sql } from "./sql.ts";

export interface ResultRow {
  readonly id: number;
  readonly uuid: string;
  readonly task_run: number;
  readonly claim: number;
  readonly payload: string;
}

// A result of a run that is gone is about nothing.
export const insertResults = (p: { results: string }) => sql("insertResults")`
  insert into tutti.result (run, task_run, claim, payload)
  select r.seq, n.task_run, n.claim, n.payload
  from json_to_recordset(${p.results}::json) as n (place integer, uuid uuid, task_run bigint, claim integer, payload text)
    join tutti.run r on r.id = n.uuid
  order by n.place`;

export const listResults = (p: { scheduler: number; limit: number }) => sql("listResults")`
  select c.id, r.id as uuid, c.task_run, c.claim, c.payload
  from tutti.result c join tutti.run r on r.seq = c.run
  where r.scheduler = ${p.scheduler}
  order by c.id
  limit ${p.limit}`;

export const deleteResults = (p: { ids: string }) =>
  sql("deleteResults")`delete from tutti.result where id = any (${p.ids}::bigint[])`;
