import { isLeftUp } from "../core/resource.ts";
import { isEndedRun } from "../core/run-state.ts";
import type { Store } from "../store/store.ts";
import type { Arrival } from "./arrival.ts";
import { type ControlBefore, controlBefore, type ControlRequest, controlOf, refuseControl } from "./control-request.ts";
import type { LiveRun } from "./live-run.ts";
import { heldElsewhere, type LiveRuns } from "./live-runs.ts";
import type { RunListener } from "./run-event.ts";
import { nothingToRetry, openedAgain, runEnded, runNotEnded } from "./run-not-ended.ts";
import { RunOpenings } from "./run-openings.ts";
import type { RetryRequest } from "./run-request.ts";

export interface RunControlDeps {
  readonly store: Pick<Store, "latestVersion" | "cache">;
  readonly runs: LiveRuns;
  readonly arrive: (run: LiveRun, arrival: Arrival) => void;
  /** When everything that has arrived is durable. */
  readonly durable: () => Promise<void>;
}

/** What somebody asks of a run that there is: that it ends, goes on, or begins again, and what is done to single tasks of it. Durable when it resolves. */
export class RunControl {
  readonly #deps: RunControlDeps;
  readonly #openings: RunOpenings;

  constructor(deps: RunControlDeps) {
    this.#deps = deps;
    this.#openings = new RunOpenings({ arrive: deps.arrive, done: (run) => this.#done(run) });
  }

  /** @throws TuttiError `RUN_ENDED`; `RUN_NOT_ENDED`: it has been opened again since that generation */
  async cancel(runId: string, seen?: number): Promise<void> {
    const run = await this.#take(runId);
    const { state, generation } = run.model.header;
    if (generation !== (seen ?? generation)) throw openedAgain(runId);
    if (run.hasEnded) throw runEnded(runId, state);
    await this.#openings.ask(run, (asked) => ({ kind: "cancel", ...asked }));
  }

  /** @throws TuttiError `RUN_NOT_ENDED`, `NOTHING_TO_RETRY` */
  retry(runId: string, request: RetryRequest, listener?: RunListener): Promise<void> {
    return this.#openings.alone(runId, () => this.#retry(runId, request, listener));
  }

  async #retry(runId: string, asked: RetryRequest, listener?: RunListener): Promise<void> {
    const { store, runs } = this.#deps;
    const { fresh = false, version } = asked;
    let run = await this.#take(runId);
    const { state, generation } = run.model.header;
    if (generation !== (asked.generation ?? generation)) throw openedAgain(runId);
    if (!isEndedRun(state)) throw runNotEnded(runId, state);
    const to = version === "latest" ? await store.latestVersion(run.record.workflow) : version;
    const moves = to !== undefined && to !== null && to.id !== run.version.record.id;
    if (state === "succeeded" && !fresh && !moves && !isLeftUp(run.version.record.manifest, run.taskRuns()))
      throw nothingToRetry(runId);
    if (fresh) await store.cache.renounce(runId);
    if (moves) run = await runs.moved(run, to);
    if (run.model.header.generation !== generation) throw openedAgain(runId);
    this.#live(run, listener);
    await this.#openings.ask(run, (asked) => ({ kind: "retry", fresh, ...asked }));
  }

  /** @throws TuttiError as `controlOf`, `refuseControl` */
  async control(runId: string, request: ControlRequest, listener?: RunListener): Promise<ControlBefore> {
    const run = await this.#take(runId);
    const work = () => this.#control(run, request, listener);
    return run.hasEnded ? this.#openings.alone(runId, work) : work();
  }

  async #control(run: LiveRun, request: ControlRequest, listener?: RunListener): Promise<ControlBefore> {
    const runId = run.id;
    const control = controlOf(request, runId, run.version.record.manifest);
    const { state, cancelRequested, generation } = run.model.header;
    if (generation !== (request.generation ?? generation)) throw openedAgain(runId);
    refuseControl(request, { id: runId, state, cancelRequested }, run.taskRuns(), run.version.record.manifest);
    const before = controlBefore(request, state, run.taskRuns());
    this.#live(run, listener);
    await this.#openings.ask(run, (asked) => ({ kind: "control", control, ...asked }));
    return before;
  }

  /** What was running when its owner died starts again, under the same idempotency key. @throws TuttiError `RUN_ENDED` */
  async resume(runId: string, listener?: RunListener): Promise<void> {
    const known = this.#deps.runs.get(runId);
    const run = known ?? (await this.#take(runId));
    if (listener) run.listeners.add(listener);
    if (known) return;
    if (run.hasEnded) throw runEnded(runId, run.model.header.state);
    await this.#deps.durable();
  }

  #live(run: LiveRun, listener: RunListener | undefined): void {
    if (listener) run.listeners.add(listener);
    this.#deps.runs.add(run);
  }

  /** A run from memory or the store, with what nobody knows anything about put back in line. */
  async #take(runId: string): Promise<LiveRun> {
    const { runs, durable } = this.#deps;
    // An end that is decided and not yet recorded is none: its commit may still be dropped.
    while (isEndedRun(runs.get(runId)?.model.header.state ?? "running")) await durable();
    return runs.take(runId);
  }

  /** Durable, and the run was this engine's all along. */
  async #done(run: LiveRun): Promise<void> {
    await this.#deps.durable();
    if (run.released) throw heldElsewhere(run.id);
  }
}
