import type { RunState } from "../../core/run-state.ts";
import { sql } from "./sql.ts";

// One statement per combination, and one state at a time: each reads only the head of an index, already in order.
export const listRuns = (p: { before: string; after: string; limit: number }) => sql("listRuns")`
  select * from run_summary where id < ${p.before} and id > ${p.after} order by id desc limit ${p.limit}`;

export const listRunsInState = (p: { state: RunState; before: string; after: string; limit: number }) => sql(
  "listRunsInState",
)`
  select * from run_summary where state = ${p.state} and id < ${p.before} and id > ${p.after} order by id desc limit ${p.limit}`;

export const listRunsOfWorkflow = (p: { workflow: number; before: string; after: string; limit: number }) => sql(
  "listRunsOfWorkflow",
)`
  select * from run_summary where workflow = ${p.workflow} and id < ${p.before} and id > ${p.after} order by id desc limit ${p.limit}`;

export const listRunsOfWorkflowInState = (p: {
  workflow: number;
  state: RunState;
  before: string;
  after: string;
  limit: number;
}) => sql("listRunsOfWorkflowInState")`
  select * from run_summary where workflow = ${p.workflow} and state = ${p.state} and id < ${p.before} and id > ${p.after} order by id desc limit ${p.limit}`;

// In the words of the index, which has only these.
export const listUnsuccessfulRunsOfWorkflow = (p: {
  workflow: number;
  state: "failed" | "cancelled";
  before: string;
  after: string;
  limit: number;
}) => sql("listUnsuccessfulRunsOfWorkflow")`
  select * from run_summary where workflow = ${p.workflow} and (state = 'failed' or state = 'cancelled') and state = ${p.state}
    and id < ${p.before} and id > ${p.after} order by id desc limit ${p.limit}`;

// Few are unfinished, whatever the workflow has behind it: `+` keeps the planner from the index of the workflow.
export const listUnfinishedRunsOfWorkflow = (p: {
  workflow: number;
  state: "queued" | "running";
  before: string;
  after: string;
  limit: number;
}) => sql("listUnfinishedRunsOfWorkflow")`
  select * from run_summary where +workflow = ${p.workflow} and state = ${p.state} and id < ${p.before} and id > ${p.after}
  order by id desc limit ${p.limit}`;

// Of many lists most runs fall away: their ids come from an index alone, and only what is shown is read whole.
export const listRunIdsInState = (p: { state: RunState; before: string; after: string; limit: number }) => sql(
  "listRunIdsInState",
)`
  select id from run where state = ${p.state} and id < ${p.before} and id > ${p.after} order by id desc limit ${p.limit}`;

export const listRunIdsOfWorkflow = (p: { workflow: number; before: string; after: string; limit: number }) => sql(
  "listRunIdsOfWorkflow",
)`
  select id from run where workflow = ${p.workflow} and id < ${p.before} and id > ${p.after} order by id desc limit ${p.limit}`;

export const listRunIdsOfWorkflowInState = (p: {
  workflow: number;
  state: RunState;
  before: string;
  after: string;
  limit: number;
}) => sql("listRunIdsOfWorkflowInState")`
  select id from run
  where workflow = ${p.workflow} and +state = ${p.state} and id < ${p.before} and id > ${p.after} order by id desc limit ${p.limit}`;

export const listUnsuccessfulRunIdsOfWorkflow = (p: {
  workflow: number;
  state: "failed" | "cancelled";
  before: string;
  after: string;
  limit: number;
}) => sql("listUnsuccessfulRunIdsOfWorkflow")`
  select id from run where workflow = ${p.workflow} and (state = 'failed' or state = 'cancelled') and state = ${p.state}
    and id < ${p.before} and id > ${p.after} order by id desc limit ${p.limit}`;

export const listUnfinishedRunIdsOfWorkflow = (p: {
  workflow: number;
  state: "queued" | "running";
  before: string;
  after: string;
  limit: number;
}) => sql("listUnfinishedRunIdsOfWorkflow")`
  select id from run where +workflow = ${p.workflow} and state = ${p.state} and id < ${p.before} and id > ${p.after}
  order by id desc limit ${p.limit}`;

export interface PartitionRunsQuery {
  readonly partition: string;
  /** `null`: any. */
  readonly workflow: number | null;
  readonly state: RunState | null;
  readonly before: string;
  readonly after: string;
  readonly limit: number;
}

// `cross` keeps the order of the joins: what makes a partition is a stretch of an index, newest first.
export const listRunsOfPartition = (p: PartitionRunsQuery) => sql("listRunsOfPartition")`
  select s.* from run_partition m cross join run_summary s on s.id = m.run
  where m.partition = ${p.partition} and m.run < ${p.before} and m.run > ${p.after}
    and (${p.workflow} is null or s.workflow = ${p.workflow}) and (${p.state} is null or s.state = ${p.state})
  order by m.run desc limit ${p.limit}`;

export const listRunIdsOfPartition = (p: PartitionRunsQuery) => sql("listRunIdsOfPartition")`
  select r.id from run_partition m cross join run r on r.id = m.run
  where m.partition = ${p.partition} and m.run < ${p.before} and m.run > ${p.after}
    and (${p.workflow} is null or r.workflow = ${p.workflow}) and (${p.state} is null or r.state = ${p.state})
  order by m.run desc limit ${p.limit}`;

// `ids`: a JSON array.
export const listRunsWithIds = (p: { ids: string; limit: number }) => sql("listRunsWithIds")`
  select * from run_summary where id in (select value from json_each(${p.ids})) order by id desc limit ${p.limit}`;

export const findRuns = (p: { from: string; to: string; limit: number }) => sql("findRuns")`
  select id from run where id >= ${p.from} and id < ${p.to} order by id limit ${p.limit}`;
