import { stateKeyOf } from "../drawer-place.ts";
import type { DrawerWrite } from "../store.ts";
import { sql } from "./sql.ts";
import { toStoredText } from "../stored-text.ts";

export const getState = (p: { taskRun: number; key: string }) => sql("getState")`
  select value from tutti.task_state where task_run = ${p.taskRun} and md5(key) = md5(${p.key})`;

// In the order of their bytes, whatever language the database sorts in.
export const listSteps = (p: { taskRun: number; prefix: string }) => sql("listSteps")`
  select value from tutti.task_state where task_run = ${p.taskRun} and starts_with(key, ${p.prefix}) order by key collate "C" limit 1000000`;

// The task run's place is in the key; only the body of a flow has map index -1 there.
export const getInput = (p: { taskRun: number; body: number; prefix: string }) => sql("getInput")`
  select s.value from tutti.task_run t join tutti.task_run b on b.run = t.run and b.task = ${p.body} and b.map_index = -1
    join tutti.task_state s on s.task_run = b.id and md5(s.key) = md5(${p.prefix}::text || t.task || '/' || t.map_index)
  where t.id = ${p.taskRun}`;

export const getMemory = (p: { task: number; key: string }) => sql("getMemory")`
  select value from tutti.task_memory where task = ${p.task} and md5(key) = md5(${p.key})`;

export const writeDrawers = (p: { drawers: string }) =>
  sql("writeDrawers")`select tutti.write_drawers(${p.drawers}::json) as written`;

/** As both ways of writing one take it. */
export const drawerRow = (place: number, { taskRunId, claim, to, value }: DrawerWrite) => ({
  place,
  task_run: taskRunId,
  claim,
  ...(to.drawer === "memory"
    ? { memory_of: to.taskId, key: toStoredText(to.key) }
    : { state_of: to.taskRunId, key: toStoredText(stateKeyOf(to)) }),
  value,
});
