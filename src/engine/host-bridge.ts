import type { ErrorData } from "../core/errors.ts";
import type { Finished, LogLine } from "../runtime/protocol.ts";
import type { DrawerKey, Store } from "../store/store.ts";
import type { Scheduler } from "./scheduler.ts";
import type { HostListener } from "./worker-host.ts";

/** Where log lines go before anybody is told that their task has ended. */
export interface LogSink {
  write(line: LogLine): void;
  /** What was written can be read by others. Called before a result is recorded; costs nothing when nobody wrote. */
  flush(): void;
}

/** What the worker reports, turned into what the scheduler decides about. */
export class HostBridge implements HostListener {
  readonly #scheduler: Scheduler;
  readonly #store: Store;
  readonly #logs: LogSink;

  constructor(scheduler: Scheduler, store: Store, logs: LogSink) {
    this.#scheduler = scheduler;
    this.#store = store;
    this.#logs = logs;
  }

  started(): void {}

  finished(result: Finished): void {
    this.#scheduler.dispatcher.left(result.taskRunId, result.claim);
    const found = this.#scheduler.dispatcher.find(result.taskRunId, result.claim);
    if (found) this.#scheduler.arrive(found.run, { kind: "finished", task: found.task, index: found.index, result });
  }

  lost(taskRunId: number, claim: number, error: ErrorData): void {
    this.#scheduler.dispatcher.left(taskRunId, claim);
    const found = this.#scheduler.dispatcher.find(taskRunId, claim);
    if (!found) return;
    const why = { state: "failed", error, rule: null, retryAfterMs: null, final: false } as const;
    this.#scheduler.arrive(found.run, {
      kind: "lost",
      task: found.task,
      index: found.index,
      claim,
      why,
      counts: error.code !== "WORKER_CLOSED",
    });
  }

  progress(taskRunId: number, claim: number, done: number, total: number, note: string | null): void {
    const found = this.#scheduler.dispatcher.find(taskRunId, claim);
    if (found)
      found.run.tell({
        kind: "progress",
        task: found.run.taskName(found.task),
        mapIndex: found.index,
        done,
        total,
        note,
      });
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
    drawer: "state" | "memory",
    key: string,
    value?: string | null,
  ): Promise<string | null> {
    const found = this.#scheduler.dispatcher.find(taskRunId, claim);
    if (!found) throw new Error(`task run ${taskRunId} is no longer held under claim ${claim}`);
    const taskId = found.run.version.record.taskIds[found.task] as number;
    const to: DrawerKey = drawer === "state" ? { drawer, taskRunId, key } : { drawer, taskId, key };
    if (value === undefined) return this.#store.readDrawer(to);
    await this.#scheduler.writeDrawer(found.run, { taskRunId, claim, to, value });
    return value;
  }
}
