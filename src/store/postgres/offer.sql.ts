import type { Instant } from "../../core/clock.ts";
import { sql } from "./sql.ts";

export interface ClaimedRow {
  readonly task_run: number;
  readonly uuid: string;
  readonly version: number;
  readonly claim: number;
}

export interface ClaimParameters {
  readonly worker: string;
  /** A JSON array. */
  readonly queues: string;
  readonly limit: number;
  /** 1: the last answer was lost. */
  readonly again: 0 | 1;
  readonly now: Instant | null;
}

export const claimOffers = (p: ClaimParameters) => sql("claimOffers")`
  select task_run, run as uuid, version, claim
  from tutti.claim_offers(${p.worker}, array(select json_array_elements_text(${p.queues}::json)), ${p.limit}::int,
    ${p.again}::int = 1, coalesce(tutti.instant(${p.now}), now()))`;

export const deleteOffersOfWorker = (p: { worker: string }) =>
  sql("deleteOffersOfWorker")`delete from tutti.offer where worker = ${p.worker}`;
