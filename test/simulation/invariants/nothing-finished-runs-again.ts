import { isEndedRun } from "../../../src/core/run-state.ts";
import { offersName } from "../../../src/engine/shared-host.ts";
import type { Commit, Invariant, Start } from "../invariant.ts";
import type { Recorded } from "../recorded.ts";

/** Of the state alone one could not tell: a row that was wrongly re-opened no longer says that it had succeeded. */
export class NothingFinishedRunsAgain implements Invariant {
  readonly fact = "nothing finished runs again";
  readonly #succeeded = new Set<string>();

  committed({ after }: Commit): string[] {
    for (const { id, generation, state } of after?.taskRuns.values() ?? []) {
      if (state === "succeeded") this.#succeeded.add(`${id}/${generation}`);
    }
    return [];
  }

  *started({ host, assignment: { taskRunId, runId, task } }: Start, recorded: Recorded): Iterable<string> {
    const { generation, worker } = recorded.taskRun(taskRunId) ?? {};
    if (this.#succeeded.has(`${taskRunId}/${generation}`))
      yield `task run ${taskRunId} had succeeded in generation ${generation} and is started again`;
    const run = recorded.runs.get(runId)?.run;
    if (run && isEndedRun(run.state)) yield `task run ${taskRunId} is started after its run had ${run.state}`;
    // What was claimed from an offer before the cancel was recorded starts, unless word of it comes first; then it is stopped.
    const takesDown = run && recorded.version(runId).record.manifest.tasks[task]?.kind === "teardown";
    if (run?.cancelRequested && !takesDown && worker !== offersName(host))
      yield `task run ${taskRunId} is started after its run was cancelled`;
  }
}
