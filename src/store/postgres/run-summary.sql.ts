import type { RunState } from "../../core/run-state.ts";
import { sql } from "./sql.ts";

// One statement per combination, and one state at a time: each reads only the head of an index, already in order.
export const listRuns = (p: { before: string; after: string; limit: number }) => sql("listRuns")`
  select * from tutti.run_summary where id < ${p.before} and id > ${p.after} order by id desc limit ${p.limit}`;

export const listRunsInState = (p: { state: RunState; before: string; after: string; limit: number }) => sql(
  "listRunsInState",
)`
  select * from tutti.run_summary where state = ${p.state} and id < ${p.before} and id > ${p.after} order by id desc limit ${p.limit}`;

export const listRunsOfWorkflow = (p: { workflow: number; before: string; after: string; limit: number }) => sql(
  "listRunsOfWorkflow",
)`
  select * from tutti.run_summary where workflow = ${p.workflow} and id < ${p.before} and id > ${p.after} order by id desc limit ${p.limit}`;

export const listRunsOfWorkflowInState = (p: {
  workflow: number;
  state: RunState;
  before: string;
  after: string;
  limit: number;
}) => sql("listRunsOfWorkflowInState")`
  select * from tutti.run_summary
  where workflow = ${p.workflow} and state = ${p.state} and id < ${p.before} and id > ${p.after} order by id desc limit ${p.limit}`;

// In the words of the index, which has only these.
export const listUnsuccessfulRunsOfWorkflow = (p: {
  workflow: number;
  state: "failed" | "cancelled";
  before: string;
  after: string;
  limit: number;
}) => sql("listUnsuccessfulRunsOfWorkflow")`
  select * from tutti.run_summary where workflow = ${p.workflow} and state in ('failed', 'cancelled') and state = ${p.state}
    and id < ${p.before} and id > ${p.after} order by id desc limit ${p.limit}`;

export interface PartitionRunsQuery {
  readonly partition: string;
  /** `null`: any. */
  readonly workflow: number | null;
  readonly state: RunState | null;
  readonly before: string;
  readonly after: string;
  readonly limit: number;
}

// What makes a partition is a stretch of an index, newest first.
export const listRunsOfPartition = (p: PartitionRunsQuery) => sql("listRunsOfPartition")`
  select s.* from tutti.run_partition m join tutti.run_summary s on s.id = m.run
  where m.partition = ${p.partition} and m.run < ${p.before} and m.run > ${p.after}
    and (${p.workflow}::bigint is null or s.workflow = ${p.workflow}) and (${p.state}::text is null or s.state = ${p.state})
  order by m.run desc limit ${p.limit}`;

export const findRuns = (p: { from: string; to: string; limit: number }) => sql("findRuns")`
  select id from tutti.run where id >= ${p.from} and id <= ${p.to} order by id limit ${p.limit}`;
