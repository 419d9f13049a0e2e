import { TASK_RUN_STATES, type TaskRunState } from "../../core/task-run-state.ts";

/** `4 succeeded, 1 skipped` */
export function countsText(counts: Partial<Record<TaskRunState, number>>): string {
  const parts = TASK_RUN_STATES.flatMap((state) => (counts[state] ? [`${counts[state]} ${state}`] : []));
  return parts.length === 0 ? "no tasks" : parts.join(", ");
}

export const plural = (count: number, one: string, many = `${one}s`): string => `${count} ${count === 1 ? one : many}`;
