import type { NewTaskRun, TaskRunChange } from "../store.ts";
import { guardOf } from "../guard.ts";
import { emptyState } from "./drawer.sql.ts";
import type { SqliteConnection } from "./sqlite-connection.ts";
import { fromMapIndex, packEnd, packHistory, packResult, packWait } from "../task-run-row.ts";
import * as sql from "./task-run.sql.ts";

/** Applies one guarded change and answers how many rows it matched: 1, or 0 when a guard failed. */
export function changeTaskRun(connection: SqliteConnection, run: number, change: TaskRunChange): number {
  const changed = connection.run(queryOf(run, change));
  if (change.kind === "reopen" && (change.from === "succeeded" || change.empties))
    connection.run(emptyState({ taskRun: change.id }));
  return changed;
}

export function insertNewTaskRun(connection: SqliteConnection, run: number, id: number, insert: NewTaskRun): number {
  const place = {
    id,
    run,
    task: insert.taskId,
    mapIndex: fromMapIndex(insert.mapIndex),
    generation: insert.generation,
    queuedAt: insert.queuedAt,
  };
  if (isPlainlyQueued(insert)) return connection.run(sql.insertQueuedTaskRun(place));
  return connection.run(
    sql.insertTaskRun({
      ...place,
      state: insert.state,
      claim: insert.claim,
      attempt: insert.attempt,
      worker: insert.worker,
      claimedAt: insert.claimedAt,
      endedAt: insert.endedAt,
      result: packEnd(insert.error, insert.skipReason),
    }),
  );
}

const isPlainlyQueued = (insert: NewTaskRun): boolean =>
  insert.state === "queued" && insert.claim === 0 && insert.attempt === 1;

function queryOf(run: number, change: TaskRunChange) {
  const { from } = guardOf(change);
  const fence: sql.Fence = { id: change.id, run, claim: change.claim, from };
  switch (change.kind) {
    case "claim":
      return sql.claimTaskRun({ ...fence, worker: change.worker, at: change.at });
    case "finish":
      return sql.finishTaskRun({
        ...fence,
        state: change.state,
        startedAt: change.startedAt,
        endedAt: change.endedAt,
        losses: change.losses,
        result: packResult(change),
        output: change.output?.kind === "inline" ? change.output.text : null,
      });
    case "defer":
      return sql.deferTaskRun({ ...fence, dueAt: change.wait.dueAt, result: packWait(change.wait) });
    case "retry":
      return sql.retryTaskRun({
        ...fence,
        attempt: change.attempt,
        dueAt: change.dueAt,
        result: packEnd(change.error, null),
      });
    case "requeue":
      return sql.requeueTaskRun({ ...fence, losses: change.losses, at: change.at });
    case "decide":
      if (change.to === "queued") return sql.queueTaskRun({ ...fence, at: change.at });
      return sql.decideTaskRun({
        ...fence,
        state: change.to,
        at: change.at,
        result: packEnd(change.error, change.skipReason),
      });
    case "reopen":
      return sql.reopenTaskRun({ ...fence, generation: change.generation, history: packHistory(change) });
  }
}
