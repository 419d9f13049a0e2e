import type { Static } from "typebox";
import type { LogLine as LogLineSchema } from "../../api/log-contracts.ts";
import type { Run, TaskRun } from "../../api/run-contracts.ts";
import type { TuttiClient } from "../../client/tutti-client.ts";
import { toErrorData } from "../../core/error-data.ts";
import { isEndedRun } from "../../core/run-state.ts";
import { isEndedTaskRun } from "../../core/task-run-state.ts";
import type { RunEvent, RunListener } from "../../engine/run-event.ts";
import type { TaskRunView } from "../../store/store-view.ts";
import { taskRun } from "./from-documents.ts";
import { logLine } from "./server-logs.ts";

const AGAIN_MS = 1_000;
/** Lines that were written just before the end may come after it. */
const LAST_LINES_MS = 300;

export interface FollowOptions {
  readonly runId: string;
  /** What is known of it: not told again. Default: everything is told. */
  readonly quietFirst?: boolean;
  /** It ends in this generation or a later one. Default: in any. */
  readonly generation?: number;
}

interface Progress {
  readonly taskRun: number;
  readonly claim: number;
  readonly done: number;
  readonly total: number;
  readonly note: string | null;
}

interface Told {
  readonly topic?: string;
  readonly run?: Static<typeof Run> | null;
  readonly taskRuns?: readonly Static<typeof TaskRun>[];
  readonly progress?: readonly Progress[];
  readonly lines?: readonly Static<typeof LogLineSchema>[];
  readonly total?: number;
}

/**
 * Tells a listener what happens to a run, by the live events of its server. When the connection breaks it comes back, and nothing of the end is
 * missed: a snapshot says how the run is.
 */
export class ServerFollow {
  readonly #client: TuttiClient;
  readonly #options: FollowOptions;
  readonly #listener: RunListener;
  readonly #end = new AbortController();
  readonly #known = new Map<number, TaskRunView>();
  #quiet: boolean;
  #last: NodeJS.Timeout | undefined;
  /** Lines of the run that were seen; -1: none was looked for. */
  #seen = -1;

  constructor(client: TuttiClient, options: FollowOptions, listener: RunListener) {
    this.#client = client;
    this.#options = options;
    this.#listener = listener;
    this.#quiet = options.quietFirst === true;
    void this.#follow();
  }

  close(): void {
    clearTimeout(this.#last);
    this.#end.abort();
  }

  async #follow(): Promise<void> {
    const { runId } = this.#options;
    const { signal } = this.#end;
    let after: string | undefined;
    while (!signal.aborted) {
      try {
        const topics = [`run:${runId}`, `logs:${runId}`];
        for await (const { id, event, data } of this.#client.events(topics, { signal, ...(after && { after }) })) {
          after = id ?? after;
          if (event === "snapshot" || event === "delta") this.#hear(data);
        }
      } catch (error) {
        if (signal.aborted) return;
        this.#listener({ kind: "trouble", error: toErrorData(error) });
      }
      await new Promise((resolve) => setTimeout(resolve, AGAIN_MS).unref());
    }
  }

  #hear({ run, taskRuns, progress = [], lines, total }: Told): void {
    if (lines !== undefined) this.#tellLines(lines, total ?? 0);
    if (taskRuns !== undefined) {
      for (const row of taskRuns) this.#tellRow(taskRun(row));
      this.#quiet = false;
    }
    for (const each of progress) this.#tellProgress(each);
    if (run === undefined) return;
    // Pruned: it had ended.
    if (run === null) return this.close();
    if (run.generation < (this.#options.generation ?? 0)) return;
    const { state, tasks: counts } = run;
    this.#listener({ kind: "snapshot", run: state, counts });
    clearTimeout(this.#last);
    if (!isEndedRun(state)) return;
    this.#last = setTimeout(() => {
      this.#listener({ kind: "run", state, counts });
      this.close();
    }, LAST_LINES_MS);
  }

  /** The last of `total` lines; of a snapshot some were there before. */
  #tellLines(lines: readonly Static<typeof LogLineSchema>[], total: number): void {
    const first = this.#seen === -1;
    const before = first && this.#options.quietFirst !== true ? 0 : first ? total : this.#seen;
    this.#seen = total;
    const { runId } = this.#options;
    for (const line of lines.slice(Math.max(0, lines.length - (total - before))))
      if (line.task !== null)
        this.#listener({ kind: "log", task: line.task, mapIndex: line.mapIndex, line: logLine(line, runId) });
  }

  #tellProgress({ taskRun, claim, done, total, note }: Progress): void {
    const row = this.#known.get(taskRun);
    if (row?.claim !== claim || isEndedTaskRun(row.state)) return;
    this.#listener({ kind: "progress", task: row.task, mapIndex: row.mapIndex, done, total, note });
  }

  #tellRow(row: TaskRunView): void {
    const before = this.#known.get(row.id);
    this.#known.set(row.id, row);
    if (this.#quiet) return;
    if (before?.state === row.state && before.claim === row.claim && before.generation === row.generation) return;
    // It began and ended between two looks: how long it took is told all the same.
    if (isEndedTaskRun(row.state) && row.startedAt !== null && before?.state !== "running")
      this.#listener(taskEvent({ ...row, state: "running", endedAt: null }));
    this.#listener(taskEvent(row));
  }
}

const taskEvent = (row: TaskRunView): RunEvent => ({
  kind: "task",
  task: row.task,
  mapIndex: row.mapIndex,
  state: row.state,
  // The row has the number of the next one; the event tells of the one that failed.
  attempt: row.state === "up_for_retry" ? row.attempt - 1 : row.attempt,
  at: row.endedAt ?? row.startedAt ?? 0,
  error: row.error,
  skipReason: row.skipReason,
  dueAt: row.dueAt,
  ...(row.cached && { cached: row.cached }),
});
