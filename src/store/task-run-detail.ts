import type { TaskRunDetail } from "./reader.ts";
import type { VersionRecord } from "./store.ts";
import { type TaskRunRow, toOutput, toTaskRunRecord } from "./task-run-row.ts";

/** By place in the manifest and map index; a task that is gone from the version comes after those that are in it. */
export function toTaskRunDetails(
  rows: readonly TaskRunRow[],
  tasks: readonly { readonly id: number; readonly name: string }[],
  version: VersionRecord,
): readonly TaskRunDetail[] {
  const names = new Map(tasks.map((task) => [task.id, task.name]));
  const places = new Map(version.taskIds.map((id, place) => [id, place]));
  const placeOf = (taskId: number): number => places.get(taskId) ?? version.taskIds.length + taskId;
  return rows
    .map((row) => ({ ...toTaskRunRecord(row), task: names.get(row.task) ?? "", output: toOutput(row)?.value ?? null }))
    .toSorted((a, b) => placeOf(a.taskId) - placeOf(b.taskId) || (a.mapIndex ?? -1) - (b.mapIndex ?? -1));
}
