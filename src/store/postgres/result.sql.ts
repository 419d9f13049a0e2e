import { sql } from "./sql.ts";

export interface ResultRow {
  readonly id: number;
  readonly uuid: string;
  readonly task_run: number;
  readonly claim: number;
  readonly payload: string;
}

// A result of a run that is gone, or has ended, is about nothing. Answers with who holds the runs.
export const insertResults = (p: { results: string }) => sql("insertResults")`
  with said as materialized (
    select n.place, r.seq, r.scheduler, n.task_run, n.claim, n.payload
    from json_to_recordset(${p.results}::json) as n (place integer, uuid uuid, task_run bigint, claim integer, payload text)
      join tutti.run r on r.id = n.uuid and r.state in ('queued', 'running')
  ), written as (
    insert into tutti.result (run, task_run, claim, payload) select seq, task_run, claim, payload from said order by place
  )
  select distinct scheduler from said where scheduler is not null`;

export const listResults = (p: { scheduler: number; limit: number }) => sql("listResults")`
  select c.id, r.id as uuid, c.task_run, c.claim, c.payload
  from tutti.result c join tutti.run r on r.seq = c.run
  where r.scheduler = ${p.scheduler}
  order by c.id
  limit ${p.limit}`;

export const deleteResults = (p: { ids: string }) =>
  sql("deleteResults")`delete from tutti.result where id = any (${p.ids}::bigint[])`;

// What came while its run ended, and what was offered of it: nobody asks for either any more.
export const deleteSpent = () => sql("deleteSpent")`
  with results as (
    delete from tutti.result c using tutti.run r where r.seq = c.run and r.state not in ('queued', 'running')
  )
  delete from tutti.offer o using tutti.run r where r.seq = o.run and r.state not in ('queued', 'running')`;
