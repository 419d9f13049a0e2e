import type { ErrorData } from "../core/errors.ts";
import type { DrawerName, Finished, LogLine } from "../runtime/protocol.ts";
import type { Store } from "../store/store.ts";
import { drawerKey, readDrawer } from "./drawer-access.ts";
import type { LiveRun } from "./live-run.ts";
import type { ProgressReports } from "./progress-reports.ts";
import type { Scheduler } from "./scheduler.ts";
import type { HostListener } from "./worker-host.ts";

/** Where log lines go before anybody is told that their task has ended. */
export interface LogSink {
  write(line: LogLine): void;
  /** What was written can be read by others. Called before a result is recorded; costs nothing when nobody wrote. */
  flush(): void;
}

export interface HostBridgeDeps {
  readonly scheduler: Scheduler;
  readonly store: Store;
  readonly logs: LogSink;
  /** Default: only who follows a run here is told. */
  readonly progress?: ProgressReports;
  readonly runOf: (runId: string) => LiveRun | undefined;
}

/** What the worker reports, turned into what the scheduler decides about. */
export class HostBridge implements HostListener {
  readonly #scheduler: Scheduler;
  readonly #store: Store;
  readonly #logs: LogSink;
  readonly #progress: ProgressReports | undefined;
  readonly #runOf: (runId: string) => LiveRun | undefined;

  constructor({ scheduler, store, logs, progress, runOf }: HostBridgeDeps) {
    this.#scheduler = scheduler;
    this.#store = store;
    this.#logs = logs;
    this.#progress = progress;
    this.#runOf = runOf;
  }

  started(): void {}

  finished(result: Finished): void {
    this.#ended(result.taskRunId, result.claim);
    const found = this.#scheduler.dispatcher.find(result.taskRunId, result.claim);
    if (found) this.#scheduler.arrive(found.run, { kind: "finished", task: found.task, index: found.index, result });
  }

  lost(taskRunId: number, claim: number, error: ErrorData): void {
    this.#ended(taskRunId, claim);
    const found = this.#scheduler.dispatcher.find(taskRunId, claim);
    if (!found) return;
    this.#scheduler.arrive(found.run, {
      kind: "lost",
      task: found.task,
      index: found.index,
      claim,
      error,
      counts: error.code !== "WORKER_CLOSED",
    });
  }

  /** Code that waits in a worker's memory goes on by itself: it needs a slot again. */
  wake(runId: string, taskRunId: number, claim: number): void {
    const run = this.#runOf(runId);
    const instance = run?.find(taskRunId);
    if (run && instance)
      this.#scheduler.arrive(run, { kind: "wake", task: instance.task, index: instance.index, claim });
  }

  progress(taskRunId: number, claim: number, done: number, total: number, note: string | null): void {
    const found = this.#scheduler.dispatcher.find(taskRunId, claim);
    if (!found) return;
    const { run, task, index: mapIndex } = found;
    run.tell({ kind: "progress", task: run.taskName(task), mapIndex, done, total, note });
    this.#progress?.add({ runId: run.id, taskRunId, claim, done, total, note });
  }

  log(line: LogLine): void {
    this.#logs.write(line);
    const found = this.#scheduler.dispatcher.find(line.taskRunId, line.claim);
    if (found && found.run.listeners.size > 0)
      found.run.tell({ kind: "log", task: found.run.taskName(found.task), mapIndex: found.index, line });
  }

  async drawer(
    taskRunId: number,
    claim: number,
    drawer: DrawerName,
    key: string,
    value?: string | null,
  ): Promise<string | null> {
    const found = this.#scheduler.dispatcher.find(taskRunId, claim);
    if (!found) throw new Error(`task run ${taskRunId} is no longer held under claim ${claim}`);
    const owner = { runId: found.run.id, taskRunId, task: found.task, taskIds: found.run.version.record.taskIds };
    if (value === undefined) return readDrawer(this.#store, drawer, owner, key);
    const to = drawerKey(drawer, owner, key);
    await this.#scheduler.writeDrawer(found.run, { taskRunId, claim, to, value });
    if (drawer === "steps") found.run.recorded(found.task, found.index, claim);
    return value;
  }

  #ended(taskRunId: number, claim: number): void {
    this.#progress?.ended(taskRunId, claim);
    this.#scheduler.dispatcher.left(taskRunId, claim);
  }
}
