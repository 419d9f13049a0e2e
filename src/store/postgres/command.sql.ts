import type { Instant } from "../../core/clock.ts";
import { sql } from "./sql.ts";

export interface CommandRow {
  readonly id: number;
  readonly kind: string;
  readonly uuid: string | null;
  readonly payload: string | null;
  readonly created_at: number;
}

export const insertCommand = (p: { kind: string; uuid: string | null; payload: string | null; createdAt: Instant }) =>
  sql("insertCommand")`
  insert into tutti.command (kind, run, payload, created_at) values (${p.kind}, ${p.uuid}, ${p.payload}, tutti.instant(${p.createdAt}))
  returning id`;

export const getCommand = (p: { id: number }) =>
  sql("getCommand")`select refusal from tutti.command where id = ${p.id}`;

export const listCommands = (p: { limit: number }) => sql("listCommands")`
  select id, kind, run as uuid, payload, tutti.micros(created_at) as created_at from tutti.command where refusal is null order by id limit ${p.limit}`;

// Those about a run that a living scheduler holds are that one's, whoever took them before. Others are taken until a lease ends, so
// that nobody else carries them out as well.
export const takeCommands = (p: { scheduler: number; limit: number; now: Instant | null }) => sql("takeCommands")`
  with taken as (
    select c.id from tutti.command c left join tutti.run r on r.id = c.run
    where c.refusal is null and (r.scheduler = ${p.scheduler} or not exists (
      select from tutti.scheduler s
      where s.id in (c.scheduler, r.scheduler) and s.id <> ${p.scheduler} and s.lease_until > coalesce(tutti.instant(${p.now}), now())
    ))
    order by c.id
    limit ${p.limit}
    for update of c skip locked
  )
  update tutti.command c set scheduler = ${p.scheduler} from taken where c.id = taken.id
  returning c.id, c.kind, c.run as uuid, c.payload, tutti.micros(c.created_at) as created_at`;

export const deleteCommands = (p: { ids: string }) =>
  sql("deleteCommands")`delete from tutti.command where id = any (${p.ids}::bigint[])`;

export const refuseCommand = (p: { id: number; refusal: string }) => sql("refuseCommand")`
  update tutti.command set refusal = ${p.refusal} where id = ${p.id}`;

// Those that are so much older than this one: nobody looks for them any more.
export const deleteRefusedCommands = (p: { id: number; keptUs: number }) => sql("deleteRefusedCommands")`
  delete from tutti.command where refusal is not null
    and created_at < (select c.created_at from tutti.command c where c.id = ${p.id}) - ${p.keptUs}::bigint * interval '1 microsecond'`;
