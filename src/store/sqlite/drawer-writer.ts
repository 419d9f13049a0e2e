import { stateKeyOf } from "../drawer-place.ts";
import type { DrawerWrite } from "../store.ts";
import { putCacheEntry, putCacheUse } from "./cache.sql.ts";
import * as sql from "./drawer.sql.ts";
import { insertEmitted } from "./event.sql.ts";
import type { SqliteConnection } from "./sqlite-connection.ts";
import { forgiveLosses, getHeldTaskRun } from "./task-run.sql.ts";

/** Whether the writer still runs this task run: a drawer is fenced like a result. */
export const isHeld = (connection: SqliteConnection, run: number, drawer: DrawerWrite): boolean =>
  connection.get(getHeldTaskRun({ id: drawer.taskRunId, run, claim: drawer.claim })) !== null;

export function writeDrawer(connection: SqliteConnection, { to, value }: DrawerWrite): void {
  if (to.drawer === "events") {
    connection.run(insertEmitted({ taskRun: to.taskRunId, place: to.key, value: value ?? "{}" }));
    return;
  }
  if (to.drawer === "cache") {
    const said = { taskRun: to.taskRunId, value: value ?? "{}" };
    connection.run(to.key === "made" ? putCacheEntry(said) : putCacheUse(said));
    return;
  }
  connection.run(
    to.drawer === "memory"
      ? writeMemory({ task: to.taskId, key: to.key }, value)
      : writeState({ taskRun: to.taskRunId, key: stateKeyOf(to) }, value),
  );
  if (to.drawer === "steps") forgive(connection, to.taskRunId);
}

/** What a task has recorded forgives the workers that were lost before: one that goes on from loss to loss is no poison task. */
const forgive = (connection: SqliteConnection, taskRun: number): void => {
  connection.run(forgiveLosses({ id: taskRun }));
};

const writeState = (place: { taskRun: number; key: string }, value: string | null) =>
  value === null ? sql.deleteState(place) : sql.putState({ ...place, value });

const writeMemory = (place: { task: number; key: string }, value: string | null) =>
  value === null ? sql.deleteMemory(place) : sql.putMemory({ ...place, value });
