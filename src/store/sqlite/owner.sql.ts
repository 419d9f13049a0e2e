import type { Instant } from "../../core/clock.ts";
import { sql } from "./sql.ts";

export interface OwnerRow {
  readonly epoch: number;
  readonly next_task_run_id: number;
}

export const takeOwnership = (p: { pid: number; now: Instant }) => sql("takeOwnership")`
  update owner set epoch = epoch + 1, pid = ${p.pid}, taken_at = ${p.now} where id = 1
  returning epoch, next_task_run_id`;

export const getEpoch = () => sql("getEpoch")`select epoch from owner where id = 1`;

// Kept when task runs are pruned: without it, the highest id could be given a second time after a restart.
export const keepNextTaskRunId = (p: { next: number }) => sql("keepNextTaskRunId")`
  update owner set next_task_run_id = ${p.next} where id = 1 and next_task_run_id < ${p.next}`;
