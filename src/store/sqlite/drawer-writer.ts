import type { DrawerWrite } from "../store.ts";
import * as sql from "./drawer.sql.ts";
import type { SqliteConnection } from "./sqlite-connection.ts";
import { getHeldTaskRun } from "./task-run.sql.ts";

/** Whether the writer still runs this task run: a drawer is fenced like a result. */
export const isHeld = (connection: SqliteConnection, run: number, drawer: DrawerWrite): boolean =>
  connection.get(getHeldTaskRun({ id: drawer.taskRunId, run, claim: drawer.claim })) !== null;

export function writeDrawer(connection: SqliteConnection, { to, value }: DrawerWrite): void {
  connection.run(
    to.drawer === "state"
      ? writeState({ taskRun: to.taskRunId, key: to.key }, value)
      : writeMemory({ task: to.taskId, key: to.key }, value),
  );
}

const writeState = (place: { taskRun: number; key: string }, value: string | null) =>
  value === null ? sql.deleteState(place) : sql.putState({ ...place, value });

const writeMemory = (place: { task: number; key: string }, value: string | null) =>
  value === null ? sql.deleteMemory(place) : sql.putMemory({ ...place, value });
