import type { Instant } from "../../core/clock.ts";
import { sql } from "./sql.ts";

export interface ClaimedRow {
  readonly task_run: number;
  readonly uuid: string;
  readonly version: number;
  readonly claim: number;
}

export const claimOffers = (p: { worker: string; queues: string; limit: number; now: Instant | null }) => sql("claimOffers")`
  select task_run, run as uuid, version, claim
  from tutti.claim_offers(${p.worker}, array(select json_array_elements_text(${p.queues}::json)), ${p.limit}::int, coalesce(tutti.instant(${p.now}), now()))`;
