import { decide } from "../../../src/core/decide.ts";
import { LiveRun } from "../../../src/engine/live-run.ts";
import type { Commit, Invariant } from "../invariant.ts";
import type { Recorded } from "../recorded.ts";

/** What is recorded is complete: whoever loads the run at this moment finds nothing that should have been decided with it. */
export class LoadingDecidesNothing implements Invariant {
  readonly fact = "a run that is loaded at any moment decides nothing that was not recorded";

  *committed({ after }: Commit, recorded: Recorded): Iterable<string> {
    if (!after) return;
    const { run, taskRuns } = after;
    // Recorded with its window or event, or moved by somebody else, and not begun: its beginning is still to be decided.
    if (run.trigger !== "manual" && run.state === "queued" && taskRuns.size === 0) return;
    const { model } = new LiveRun(recorded.version(run.id), run, [...taskRuns.values()]);
    const decision = decide(model, [{ kind: "begin" }], run.createdAt);
    for (const { instance, from, to } of decision.transitions)
      yield `t${instance.task}[${instance.index}] of run ${run.id} would go from ${from} to ${to}`;
    if (decision.run) yield `run ${run.id} would go from ${decision.run.from} to ${decision.run.to}`;
  }
}
