import type { Instant } from "../../core/clock.ts";
import type { TaskRunRow } from "../task-run-row.ts";
import { sql } from "./sql.ts";

export interface ClaimedRow extends TaskRunRow {
  readonly uuid: string;
  readonly version: number;
  readonly run_generation: number;
}

export interface ClaimParameters {
  readonly worker: string;
  /** A JSON array. */
  readonly queues: string;
  /** An array as PostgreSQL writes it; `null`: any. */
  readonly versions: string | null;
  readonly limit: number;
  /** 1: the last answer was lost. */
  readonly again: 0 | 1;
  readonly now: Instant | null;
}

// What a task run waited for is in its result until its attempt ends; a claim leaves that alone.
export const claimOffers = (p: ClaimParameters) => sql("claimOffers")`
  select o.uuid, o.version, o.run_generation, o.id, o.task, o.map_index, o.state, o.claim, o.attempt, o.generation, o.losses, o.worker,
    tutti.micros(o.queued_at) as queued_at, tutti.micros(o.claimed_at) as claimed_at, null as started_at, null as ended_at, null as due_at,
    o.history, (select t.result from tutti.task_run t where t.id = o.id) as result, 0 as has_output
  from tutti.claim_offers(${p.worker}, array(select json_array_elements_text(${p.queues}::json)), ${p.versions}::bigint[], ${p.limit}::int,
    ${p.again}::int = 1, coalesce(tutti.instant(${p.now}), now())) o`;

export const listOfferedVersions = (p: { queues: string; except: string; limit: number }) => sql("listOfferedVersions")`
  select distinct version from tutti.offer
  where queue = any (array(select json_array_elements_text(${p.queues}::json))) and worker is null and version <> all (${p.except}::bigint[])
  limit ${p.limit}`;

export const deleteOffersOfWorker = (p: { worker: string }) =>
  sql("deleteOffersOfWorker")`delete from tutti.offer where worker = ${p.worker}`;
