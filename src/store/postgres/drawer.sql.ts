import { sql } from "./sql.ts";

export const getState = (p: { taskRun: number; key: string }) => sql("getState")`
  select value from tutti.task_state where task_run = ${p.taskRun} and md5(key) = md5(${p.key})`;

export const getMemory = (p: { task: number; key: string }) => sql("getMemory")`
  select value from tutti.task_memory where task = ${p.task} and md5(key) = md5(${p.key})`;
