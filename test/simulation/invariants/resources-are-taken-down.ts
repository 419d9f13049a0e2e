import { isEndedRun } from "../../../src/core/run-state.ts";
import { isEndedTaskRun } from "../../../src/core/task-run-state.ts";
import type { Invariant, RunRows, Start } from "../invariant.ts";
import type { Recorded } from "../recorded.ts";

/** Asked of the rows and the history alone. */
export class ResourcesAreTakenDown implements Invariant {
  readonly fact = "what was begun to be set up is taken down, when nothing uses it any more, and once";

  *started({ assignment: { runId, taskRunId, task } }: Start, recorded: Recorded): Iterable<string> {
    const rows = recorded.runs.get(runId);
    if (!rows) return;
    if (kindOf(runId, task, recorded) !== "teardown")
      return yield* this.#isUp(rows, { runId, taskRunId, task }, recorded);
    for (const { from } of recorded.version(runId).graph.tasks[task]!.upstream) {
      const its = rowsOf(rows, from, recorded);
      // Elements that it had in an earlier generation, and has no more: its end says that there are none.
      const hasEndedWhole = its.some(({ mapIndex, state }) => mapIndex === null && isEndedTaskRun(state));
      const counted = hasEndedWhole ? its.filter(({ state }) => state !== "waiting") : its;
      if (its.length === 0 || counted.some(({ state }) => !isEndedTaskRun(state)))
        yield `task run ${taskRunId} takes down what task ${from} still uses`;
    }
  }

  /** What it uses is there. */
  *#isUp(
    rows: RunRows,
    { runId, taskRunId, task }: Pick<Start["assignment"], "runId" | "taskRunId" | "task">,
    recorded: Recorded,
  ): Iterable<string> {
    const { graph } = recorded.version(runId);
    for (const { from, uses } of graph.tasks[task]!.upstream) {
      if (!uses) continue;
      const teardown = graph.tasks.find(({ manifest, soft }) => manifest.kind === "teardown" && soft[0]?.from === from);
      const isDown = teardown && rowsOf(rows, teardown.ordinal, recorded).some(({ state }) => isEndedTaskRun(state));
      const isSetUp = rowsOf(rows, from, recorded).some(({ state }) => state === "succeeded");
      if (isDown || !isSetUp) yield `task run ${taskRunId} starts, and what task ${from} sets up is not there`;
    }
  }

  *atTheEnd(recorded: Recorded): Iterable<string> {
    for (const [id, rows] of recorded.runs) {
      if (!isEndedRun(rows.run.state)) continue;
      for (const { ordinal, soft } of recorded.version(id).graph.tasks) {
        if (kindOf(id, ordinal, recorded) !== "teardown") continue;
        const begun = executionsOf(rows, soft[0]!.from, recorded) > 0;
        const taken = executionsOf(rows, ordinal, recorded) > 0;
        if (begun && !taken) yield `run ${id} has ended, and what task ${soft[0]!.from} set up is still there`;
        // Nobody has asked for that, where nobody cancels single tasks.
        const isBrokenOff = rowsOf(rows, ordinal, recorded).some(({ state }) => state === "cancelled");
        if (begun && isBrokenOff && !recorded.controlled.has(id))
          yield `run ${id}: task ${ordinal} was stopped before it had taken down what task ${soft[0]!.from} set up`;
        // One that was cancelled while it waited has no line in the history.
        const claimed = rowsOf(rows, soft[0]!.from, recorded).some(({ claim }) => claim > 0);
        if (taken && !claimed) yield `run ${id}: task ${ordinal} has taken down what nobody had set up`;
        if (successesOf(rows, ordinal, recorded) > 1) yield `run ${id}: task ${ordinal} has taken it down twice`;
      }
    }
  }
}

const kindOf = (runId: string, task: number, recorded: Recorded): string | undefined =>
  recorded.version(runId).record.manifest.tasks[task]?.kind;

const rowsOf = (rows: RunRows, task: number, recorded: Recorded) =>
  [...rows.taskRuns.values()].filter(({ id }) => recorded.placeOf(id) === task);

/** Of the generation that its row is in. */
const attemptsOf = (rows: RunRows, task: number, recorded: Recorded) =>
  rowsOf(rows, task, recorded).flatMap(({ id, generation }) =>
    rows.attempts.filter((attempt) => attempt.taskRunId === id && attempt.generation === generation),
  );

const executionsOf = (rows: RunRows, task: number, recorded: Recorded): number =>
  attemptsOf(rows, task, recorded).filter(({ claim }) => claim > 0).length;

const successesOf = (rows: RunRows, task: number, recorded: Recorded): number =>
  attemptsOf(rows, task, recorded).filter(({ outcome }) => outcome === "succeeded").length;
