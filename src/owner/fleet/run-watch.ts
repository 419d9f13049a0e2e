import type { LogReader } from "../../engine/logs/log-reader.ts";
import { toErrorData } from "../../core/error-data.ts";
import { isEndedRun } from "../../core/run-state.ts";
import { isEndedTaskRun } from "../../core/task-run-state.ts";
import type { RunEvent, RunListener } from "../../engine/run-event.ts";
import { progressOfHint, type TaskProgress } from "../../engine/task-progress.ts";
import { runChannel } from "../../engine/wake-up-channels.ts";
import type { RunDetail, RunHead, StoreReader, TaskRunDetail } from "../../store/reader.ts";
import type { WakeUps } from "../../store/wake-ups.ts";
import { LogTail } from "./log-tail.ts";

/** Reading a run of ten thousand tasks takes time: at most this part of it goes into looking. */
const SHARE_OF_TIME = 0.4;

export interface WatchOptions {
  readonly reader: StoreReader;
  readonly wakeUps: WakeUps;
  readonly logs: LogReader;
  readonly runId: string;
  /** How the run was before: what it has done by then is not told again. Default: everything is told. */
  readonly since?: RunDetail;
  /** It ends in this generation or a later one. Default: in any. */
  readonly generation?: number;
}

/**
 * Tells a listener what happens to a run that other processes advance: looks at it when its scheduler says that it has changed,
 * and now and then. States that a task run had only between two looks are not told, its end always is.
 */
export class RunWatch {
  readonly #options: WatchOptions;
  readonly #listener: RunListener;
  readonly #tail: LogTail;
  readonly #stopListening: readonly (() => void)[];
  readonly #known = new Map<number, TaskRunDetail>();
  /** What the last look saw. */
  #seen = "";
  #looking: Promise<void> | null = null;
  #again = false;
  #closed = false;

  constructor(options: WatchOptions, listener: RunListener) {
    const { wakeUps, runId, logs, since } = options;
    this.#options = options;
    this.#listener = listener;
    for (const row of since?.taskRuns ?? []) this.#known.set(row.id, row);
    this.#stopListening = [
      wakeUps.listen(runChannel(runId), () => this.look()),
      wakeUps.listenAll((channel, word) => this.#tellProgress(progressOfHint(channel, word))),
    ];
    this.#tail = new LogTail(logs, runId, since !== undefined, () => this.#tellLines());
    this.look();
  }

  /** Looks now; while it looks, once more afterwards. */
  look(): void {
    if (this.#closed) return;
    if (this.#looking !== null) return void (this.#again = true);
    this.#looking = this.#lookAndRest().finally(() => {
      this.#looking = null;
      if (this.#again) this.look();
    });
  }

  close(): void {
    this.#closed = true;
    for (const stop of this.#stopListening) stop();
    void this.#tail.end();
  }

  async #lookAndRest(): Promise<void> {
    this.#again = false;
    const begun = performance.now();
    try {
      await this.#look();
    } catch (error) {
      this.#tell({ kind: "trouble", error: toErrorData(error) });
    }
    const tookMs = performance.now() - begun;
    if (!this.#closed) await new Promise((resolve) => setTimeout(resolve, tookMs * (1 / SHARE_OF_TIME - 1)).unref());
  }

  async #look(): Promise<void> {
    const { reader, runId } = this.#options;
    const head = await reader.runHead(runId);
    // Pruned: it had ended.
    if (head === null) return this.close();
    if (factsOf(head) === this.#seen) return;
    const detail = await reader.runDetail(runId, { outputs: false });
    if (detail === null) return this.close();
    this.#seen = factsOf(detail);
    const { state, generation } = detail.run;
    // What was asked for has not begun.
    if (generation < (this.#options.generation ?? 0)) return;
    for (const row of detail.taskRuns) this.#tellChange(row);
    this.#tell({ kind: "snapshot", run: state, counts: detail.counts });
    this.#tellLines();
    if (!isEndedRun(state)) return;
    await this.#tail.end();
    this.#tellLines();
    this.#tell({ kind: "run", state, counts: detail.counts });
    this.close();
  }

  #tellChange(row: TaskRunDetail): void {
    const before = this.#known.get(row.id);
    this.#known.set(row.id, row);
    if (before?.state === row.state && before.claim === row.claim && before.generation === row.generation) return;
    // It began and ended between two looks: how long it took is told all the same.
    if (isEndedTaskRun(row.state) && row.startedAt !== null && before?.state !== "running")
      this.#tell(taskEvent({ ...row, state: "running", endedAt: null }));
    this.#tell(taskEvent(row));
  }

  /** Lines may be there before the task run that wrote them was seen: they wait. */
  #tellLines(): void {
    for (const line of this.#tail.take(({ taskRunId }) => this.#known.has(taskRunId))) {
      const { task, mapIndex } = this.#known.get(line.taskRunId)!;
      this.#tell({ kind: "log", task, mapIndex, line });
    }
  }

  /** Of what is not seen running yet, or no longer, it is worth nothing. */
  #tellProgress(progress: TaskProgress | null): void {
    if (progress?.runId !== this.#options.runId) return;
    const { taskRunId, claim, done, total, note } = progress;
    const row = this.#known.get(taskRunId);
    if (row?.claim !== claim || isEndedTaskRun(row.state)) return;
    this.#tell({ kind: "progress", task: row.task, mapIndex: row.mapIndex, done, total, note });
  }

  #tell(event: RunEvent): void {
    if (!this.#closed) this.#listener(event);
  }
}

/** A worker that claims what was offered moves task runs without moving the run's revision. */
const factsOf = ({ run, counts }: RunHead): string => `${run.revision} ${JSON.stringify(counts)}`;

const taskEvent = (row: TaskRunDetail): RunEvent => ({
  kind: "task",
  task: row.task,
  mapIndex: row.mapIndex,
  state: row.state,
  // The row has the number of the next one; the event tells of the one that failed.
  attempt: row.state === "up_for_retry" ? row.attempt - 1 : row.attempt,
  at: row.endedAt ?? row.startedAt ?? row.claimedAt ?? row.queuedAt ?? 0,
  error: row.error,
  skipReason: row.skipReason,
  dueAt: row.dueAt,
  ...(row.cached && { cached: row.cached }),
});
