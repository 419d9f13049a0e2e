import { verdict } from "../../../src/core/verdict.ts";
import { LiveRun } from "../../../src/engine/live-run.ts";
import type { Invariant, Start } from "../invariant.ts";
import type { Recorded } from "../recorded.ts";

/** Asked of the rows alone: what decided in memory may have known something that nobody recorded. */
export class TheGraphAllows implements Invariant {
  readonly fact = "a task starts only when the recorded ends of what it comes after allow it";

  *started({ assignment }: Start, recorded: Recorded): Iterable<string> {
    const { runId, taskRunId, mapIndex } = assignment;
    const rows = recorded.runs.get(runId);
    if (!rows) return;
    const { model } = new LiveRun(recorded.version(runId), rows.run, [...rows.taskRuns.values()]);
    const task = model.task(assignment.task);
    // The body of its flow has asked for it.
    if (task.graph.dynamic) return;
    const found = verdict(model, task, task.graph.elementwise ? mapIndex : null);
    if (found !== "run") yield `task run ${taskRunId} is started, and by what is recorded its verdict is "${found}"`;
  }
}
