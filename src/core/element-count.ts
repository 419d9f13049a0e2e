import { type ListLengths, listLengths } from "./list-length.ts";
import type { RunModel } from "./run-model.ts";
import type { TaskModel } from "./task-model.ts";

/** Why a task that has elements has no list for them any more. */
export type Unlisted = Extract<ListLengths, { kind: "skipped" | "upstream_failed" | "failed" }>;

/** What a mapped task that has rows of elements has of them now. */
export interface ElementCount {
  readonly lengths: readonly number[];
  readonly count: number;
  /** `false`: those that have rows, until its list is known again. It has not ended before. */
  readonly isSure: boolean;
  readonly unlisted: Unlisted | null;
}

/**
 * What a task maps over may have started anew after it: elements follow the list, and keep their rows by their place. Until the list is
 * known, and as long as something is at work that it leaves out, the task has those that have rows. `null`: there are to be none.
 */
export function elementCount(run: RunModel, task: TaskModel): ElementCount | null {
  const count = task.rowCount;
  const byRows = { lengths: [count], count, isSure: true, unlisted: null };
  // There, whatever only waited has got a row with its end.
  if (run.header.cancelRequested) return byRows;
  const found = listLengths(run, task);
  if (found.kind === "wait") return { ...byRows, isSure: false };
  if (found.kind !== "lengths") return { ...byRows, unlisted: found };
  if (task.isAtWorkFrom(found.count)) return { ...byRows, isSure: false };
  return found.count === 0 ? null : { lengths: found.lengths, count: found.count, isSure: true, unlisted: null };
}
