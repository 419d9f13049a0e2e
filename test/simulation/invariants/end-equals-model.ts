import { isDeepStrictEqual } from "node:util";
import { isEndedRun } from "../../../src/core/run-state.ts";
import { ModelRun, type Outcomes } from "../../support/model-run.ts";
import type { Invariant, RunRows } from "../invariant.ts";
import { isCallFailed } from "../call-failed.ts";
import type { Recorded } from "../recorded.ts";

/** Every run ends, and as the pure model says for the same outcomes, unless a user's cancel or a third loss decided it. */
export class EndEqualsModel implements Invariant {
  readonly fact = "a run ends, and as the pure model says for the same outcomes";
  readonly #outcomes: Outcomes;

  constructor(outcomes: Outcomes) {
    this.#outcomes = outcomes;
  }

  *atTheEnd(recorded: Recorded): Iterable<string> {
    for (const [id, rows] of recorded.runs) {
      if (!isEndedRun(rows.run.state)) yield `run ${id} is ${rows.run.state}: ${JSON.stringify(rows.counts)}`;
      else if (
        // Only the code of a flow knows what it comes to.
        recorded.version(id).record.manifest.kind === "dag" &&
        !recorded.cancelled.has(id) &&
        !recorded.controlled.has(id) &&
        !rows.attempts.some(
          ({ error }) =>
            error?.code === "WORKER_LOST" && error.name === "WorkerLost" && error.message.startsWith("Task "),
        )
      )
        yield* this.#compare(id, rows, recorded);
    }
  }

  *#compare(id: string, rows: RunRows, recorded: Recorded): Iterable<string> {
    const model = this.#played(id, rows, recorded);
    const expected = Object.fromEntries(
      instancesOf(model).map((i) => [
        `t${i.task}[${i.index}]`,
        `${i.state} in attempt ${i.attempt} of generation ${i.generation}`,
      ]),
    );
    const found = Object.fromEntries(
      [...rows.taskRuns.values()]
        .filter(({ state }) => state !== "removed")
        .map((row) => [
          `t${recorded.placeOf(row.id)}[${row.mapIndex}]`,
          `${row.state} in attempt ${row.attempt} of generation ${row.generation}`,
        ]),
    );
    for (const place of new Set([...Object.keys(expected), ...Object.keys(found)])) {
      if (!isDeepStrictEqual(expected[place], found[place]))
        yield `run ${id}: ${place} is ${found[place]}; the model says ${expected[place]}`;
    }
    const { state } = model.run.header;
    if (rows.run.state !== state) yield `run ${id} has ${rows.run.state}; the model says ${state}`;
  }

  /** The same run in the pure model, retried as often as its user did. */
  #played(id: string, rows: RunRows, recorded: Recorded): ModelRun {
    const model = new ModelRun(recorded.version(id).graph, this.#outcomesOf(rows, recorded)).toEnd(() => 0);
    for (let retries = 1; retries < rows.run.generation; retries++) {
      model.decide([{ kind: "retry", fresh: recorded.fresh.has(`${id}/${retries + 1}`) }]);
      model.toEnd(() => 0);
    }
    return model;
  }

  /** What has failed by the run that it called is no outcome of its own. */
  #outcomesOf({ attempts }: RunRows, recorded: Recorded): Outcomes {
    const keyOf = (...of: readonly (number | null)[]): string => of.join("/");
    const failed = attempts
      .filter(isCallFailed)
      .map(({ taskRunId, mapIndex, generation, attempt }) =>
        keyOf(recorded.placeOf(taskRunId), mapIndex, generation, attempt),
      );
    return (...of) => (failed.includes(keyOf(...of)) ? "failed" : this.#outcomes(...of));
  }
}

const instancesOf = ({ run }: ModelRun) =>
  run.tasks.flatMap((task) => [task.single, ...(task.elements ?? [])].filter((instance) => instance !== undefined));
