import type { TaskProgress } from "../../engine/task-progress.ts";
import { isEndedTaskRun } from "../../core/task-run-state.ts";
import type { TaskRunDetail } from "../../store/reader.ts";

/** As clients see it. */
interface ProgressDocument {
  readonly taskRun: number;
  readonly claim: number;
  readonly done: number;
  readonly total: number;
  readonly note: string | null;
}

/** How far the tasks of a run are, as far as this process has heard: the last word of each, until its row says that it is over. */
export class RunProgress {
  readonly #last = new Map<number, TaskProgress>();
  readonly #untold = new Set<number>();

  add(progress: TaskProgress): void {
    // Words may come in another order than they were said; claims only rise.
    if ((this.#last.get(progress.taskRunId)?.claim ?? 0) > progress.claim) return;
    this.#last.set(progress.taskRunId, progress);
    this.#untold.add(progress.taskRunId);
  }

  /** What has come since this was asked last. */
  news(): readonly ProgressDocument[] {
    const news = [...this.#untold].flatMap((id) => this.#last.get(id) ?? []);
    this.#untold.clear();
    return news.map(documentOf);
  }

  /** Of the tasks that are at it. */
  all(): readonly ProgressDocument[] {
    return [...this.#last.values()].map(documentOf);
  }

  /** These are all the rows of the run. */
  prune(rows: readonly TaskRunDetail[]): void {
    if (this.#last.size === 0) return;
    for (const { id, claim, state } of rows) {
      const last = this.#last.get(id);
      if (last && (last.claim < claim || isEndedTaskRun(state))) this.#last.delete(id);
    }
  }
}

const documentOf = ({ taskRunId, claim, done, total, note }: TaskProgress): ProgressDocument => ({
  taskRun: taskRunId,
  claim,
  done,
  total,
  note,
});
