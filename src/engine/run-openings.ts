import type { Arrival, Asked } from "./arrival.ts";
import type { LiveRun } from "./live-run.ts";
import { openedAgain } from "./run-not-ended.ts";

interface RunOpeningsDeps {
  readonly arrive: (run: LiveRun, arrival: Arrival) => void;
  /** When it is durable, and the run was this engine's all along. */
  readonly done: (run: LiveRun) => Promise<void>;
}

/** What people ask of runs that have ended: of two who ask for the same at once, here or elsewhere, one has done it. */
export class RunOpenings {
  readonly #deps: RunOpeningsDeps;
  readonly #runs = new Set<string>();

  constructor(deps: RunOpeningsDeps) {
    this.#deps = deps;
  }

  /** Both would see that it has ended. @throws TuttiError `RUN_NOT_ENDED` */
  async alone<T>(runId: string, work: () => Promise<T>): Promise<T> {
    if (this.#runs.has(runId)) throw openedAgain(runId);
    this.#runs.add(runId);
    return work().finally(() => this.#runs.delete(runId));
  }

  /** Has decided what is asked of the run as it is now. @throws TuttiError `RUN_NOT_ENDED`, `RUN_HELD_ELSEWHERE` */
  async ask(run: LiveRun, arrivalOf: (asked: Asked) => Arrival): Promise<void> {
    let isOvertaken = false;
    const overtaken = (): void => void (isOvertaken = true);
    this.#deps.arrive(run, arrivalOf({ generation: run.model.header.generation, overtaken }));
    await this.#deps.done(run);
    if (isOvertaken) throw openedAgain(run.id);
  }
}
