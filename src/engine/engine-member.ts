import { toErrorData } from "../core/error-data.ts";
import type { LostTaskRun, NewWorker, ResultRecord } from "../store/fleet.ts";
import { workerDied } from "./arrival.ts";
import type { LiveRuns } from "./live-runs.ts";
import type { Member } from "./membership.ts";
import { decodeResult } from "./result-message.ts";
import type { Scheduler } from "./scheduler.ts";

/** What an engine's membership brings, put where it belongs. */
export class EngineMember implements Member {
  readonly #runs: LiveRuns;
  readonly #scheduler: Scheduler;

  constructor(runs: LiveRuns, scheduler: Scheduler) {
    this.#runs = runs;
    this.#scheduler = scheduler;
  }

  get room(): number {
    return this.#runs.free;
  }

  /** One that was being recorded under the number before is about to be let go of: it is loaded again after that. */
  async take(runId: string): Promise<void> {
    if (this.#runs.get(runId)) await this.#scheduler.decided();
    await this.#runs.take(runId).catch((thrown: unknown) => {
      if (toErrorData(thrown).code !== "RUN_HELD_ELSEWHERE") throw thrown;
      // Somebody may have begun to load it under the number before: what that brought is worth nothing, and this is asked anew.
      return this.#runs.take(runId);
    });
  }

  letGo(): Promise<void> {
    return this.#scheduler.release(this.#runs.all);
  }

  lost({ runId, taskRunId, claim, worker }: LostTaskRun): void {
    const run = this.#runs.get(runId);
    const instance = run?.find(taskRunId);
    if (run && instance) this.#scheduler.arrive(run, workerDied(instance, worker, claim));
  }

  /** One about a run that is not loaded yet comes again when it is. */
  result({ id, runId, ...record }: ResultRecord): void {
    const run = this.#runs.get(runId);
    const instance = run?.find(record.taskRunId);
    if (!run || !instance || run.results.has(id)) return;
    const message = decodeResult(record);
    if (!message) return;
    run.results.add(id);
    const { task, index } = instance;
    const from = { worker: message.worker, resultId: id };
    if (message.kind === "finished") {
      const { worker: _, ...result } = message;
      return this.#scheduler.arrive(run, { kind: "finished", task, index, result, from });
    }
    const { error, counts, claim } = message;
    this.#scheduler.arrive(run, { kind: "lost", task, index, claim, error, counts, from });
  }

  decided(): Promise<void> {
    return this.#scheduler.decided();
  }

  limits(): void {
    this.#scheduler.limitsChanged();
  }

  workers(elsewhere: readonly NewWorker[]): void {
    this.#scheduler.workers(elsewhere);
  }
}
