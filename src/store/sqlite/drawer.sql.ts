import { sql } from "./sql.ts";

export const getState = (p: { taskRun: number; key: string }) => sql("getState")`
  select value from task_state where task_run = ${p.taskRun} and key = ${p.key}`;

export const listSteps = (p: { taskRun: number; from: string; end: string }) => sql("listSteps")`
  select value from task_state where task_run = ${p.taskRun} and key >= ${p.from} and key < ${p.end} order by key limit 1000000`;

// The task run's place is in the key; only the body of a flow has map index -1 there.
export const getInput = (p: { taskRun: number; body: number; prefix: string }) => sql("getInput")`
  select s.value from task_run t join task_run b on b.run = t.run and b.task = ${p.body} and b.map_index = -1
    join task_state s on s.task_run = b.id and s.key = ${p.prefix} || t.task || '/' || t.map_index
  where t.id = ${p.taskRun}`;

export const putState = (p: { taskRun: number; key: string; value: string }) => sql("putState")`
  insert into task_state (task_run, key, value) values (${p.taskRun}, ${p.key}, ${p.value})
  on conflict do update set value = excluded.value`;

export const deleteState = (p: { taskRun: number; key: string }) => sql("deleteState")`
  delete from task_state where task_run = ${p.taskRun} and key = ${p.key}`;

// What discards a recorded success empties the drawer; a retry of a failed task run keeps it.
export const emptyState = (p: { taskRun: number }) =>
  sql("emptyState")`delete from task_state where task_run = ${p.taskRun}`;

export const getMemory = (p: { task: number; key: string }) => sql("getMemory")`
  select value from task_memory where task = ${p.task} and key = ${p.key}`;

export const putMemory = (p: { task: number; key: string; value: string }) => sql("putMemory")`
  insert into task_memory (task, key, value) values (${p.task}, ${p.key}, ${p.value})
  on conflict do update set value = excluded.value`;

export const deleteMemory = (p: { task: number; key: string }) => sql("deleteMemory")`
  delete from task_memory where task = ${p.task} and key = ${p.key}`;
