import type { ErrorData } from "../../core/errors.ts";
import type { DrawerName, Finished, LogLine } from "../../runtime/protocol.ts";
import { type DrawerStore, drawerKey, readDrawer } from "../drawer-access.ts";
import type { LogSink } from "../host-bridge.ts";
import type { ProgressReports } from "../progress-reports.ts";
import type { ResultMessage } from "../result-message.ts";
import type { HostListener } from "../worker-host.ts";
import type { ClaimedRuns } from "./claimed-runs.ts";
import type { Claimer } from "./claimer.ts";
import { type DrawerOutbox, notHeld } from "./drawer-outbox.ts";
import type { HeldTasks } from "./held-tasks.ts";
import type { ResultOutbox } from "./result-outbox.ts";

export interface RemoteListenerDeps {
  readonly store: DrawerStore;
  readonly logs: LogSink;
  readonly progress: ProgressReports | undefined;
  readonly held: HeldTasks;
  readonly runs: ClaimedRuns;
  readonly claimer: Claimer;
  readonly outbox: ResultOutbox;
  readonly drawers: DrawerOutbox;
}

/** What the host reports, turned into results for whoever holds the runs. */
export class RemoteListener implements HostListener {
  readonly #deps: RemoteListenerDeps;

  constructor(deps: RemoteListenerDeps) {
    this.#deps = deps;
  }

  started(): void {}

  // A row for each step of a counter is more than it is worth.
  progress(taskRunId: number, claim: number, done: number, total: number, note: string | null): void {
    const { held, progress } = this.#deps;
    const task = held.find({ taskRunId, claim });
    if (task) progress?.add({ runId: task.runId, taskRunId, claim, done, total, note });
  }

  finished(result: Finished): void {
    const { runs } = this.#deps;
    const runId = this.#ended(result);
    if (runId === null || result.outcome.state !== "succeeded") return;
    const { output, lists } = result.outcome;
    runs.returned(runId, result.taskRunId, result.claim, output === null ? null : { value: output, lists });
  }

  lost(taskRunId: number, claim: number, error: ErrorData): void {
    this.#ended({ kind: "lost", taskRunId, claim, error, counts: error.code !== "WORKER_CLOSED" });
  }

  /** Whoever holds the run wakes it when it is due. */
  wake(): void {}

  log(line: LogLine): void {
    this.#deps.logs.write(line);
  }

  async drawer(
    taskRunId: number,
    claim: number,
    drawer: DrawerName,
    key: string,
    value?: string | null,
  ): Promise<string | null> {
    const { store, held, runs, drawers } = this.#deps;
    const task = held.find({ taskRunId, claim });
    const taskIds = task && runs.taskIds(task.runId);
    if (task === null || taskIds === null) throw notHeld({ taskRunId, claim });
    const owner = { runId: task.runId, taskRunId, task: task.task, taskIds };
    if (value === undefined) return readDrawer(store, drawer, owner, key);
    const to = drawerKey(drawer, owner, key);
    await drawers.add({ taskRunId, claim, to, value });
    return value;
  }

  /** The run it was of; `null`: others have it now, and what it says is worth nothing. */
  #ended(message: ResultMessage): string | null {
    const { held, outbox, claimer, progress } = this.#deps;
    progress?.ended(message.taskRunId, message.claim);
    const task = held.end(message);
    if (task) outbox.add(task.runId, message);
    claimer.slotFreed(message.taskRunId);
    return task?.runId ?? null;
  }
}
