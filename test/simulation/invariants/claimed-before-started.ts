import { offersName } from "../../../src/engine/shared-host.ts";
import type { Invariant, Start } from "../invariant.ts";
import type { Recorded } from "../recorded.ts";

/** What is started is recorded as claimed, by this worker, at this moment; and every claim is started once at most. */
export class ClaimedBeforeStarted implements Invariant {
  readonly fact = "a task starts only after its claim is durable, and once under each claim";
  readonly #started = new Set<string>();

  *started({ host, assignment, opened }: Start, recorded: Recorded): Iterable<string> {
    const { taskRunId, claim, attempt, runId } = assignment;
    const row = recorded.taskRun(taskRunId);
    if (!row) return yield `task run ${taskRunId} is not recorded`;
    if (!recorded.holds(taskRunId, claim))
      yield `task run ${taskRunId} is started under claim ${claim}, and is ${row.state} under ${row.claim}`;
    if (row.worker !== host && row.worker !== offersName(host))
      yield `task run ${taskRunId} is started on "${host}" and claimed for "${row.worker}"`;
    if (row.attempt !== attempt) yield `task run ${taskRunId} is told attempt ${attempt} instead of ${row.attempt}`;
    if (recorded.runOf(taskRunId) !== runId) yield `task run ${taskRunId} is told another run`;
    if (recorded.placeOf(taskRunId) !== assignment.task || row.mapIndex !== assignment.mapIndex)
      yield `task run ${taskRunId} is told another task`;
    if (!opened) yield `task run ${taskRunId} is started before its run was opened on the worker`;
    const key = `${taskRunId}/${claim}`;
    if (this.#started.has(key)) yield `task run ${taskRunId} is started twice under claim ${claim}`;
    this.#started.add(key);
  }
}
