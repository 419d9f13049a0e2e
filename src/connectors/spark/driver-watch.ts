import type { Context } from "../../authoring/context.ts";
import { FailureReader } from "./failure-reader.ts";
import { sparkProgress } from "./spark-progress.ts";
import type { SparkUi, UiSnapshot } from "./spark-ui.ts";

const LOOK_TIMEOUT_MS = 20_000;
const PAUSE_FACTOR = 5;
/** A driver that begins may leave a look without an answer for as long as it takes: that must not cost the next minutes. */
const LONGEST_PAUSE_MS = 5_000;

/** What is seen of one driver: its log goes to the task's log, its jobs and stages to the task's progress. */
export class DriverWatch {
  readonly failure = new FailureReader();
  readonly #ctx: Context;
  #applicationId: string | null = null;
  #level: "debug" | "info" | "warn" | "error" = "info";
  #told = "";
  #jobs = 0;
  #total = 0;
  readonly #ended = new AbortController();
  #looking = false;
  #lookAt = 0;

  constructor(ctx: Context) {
    this.#ctx = ctx;
  }

  get applicationId(): string | null {
    return this.#applicationId;
  }

  /** Spark jobs that were seen. */
  get jobs(): number {
    return this.#jobs;
  }

  line(text: string): void {
    if (text === "") return;
    const { level, logger, message } = this.failure.line(text);
    this.#learn(
      /\b(app-\d{14}-\d{4,}|local-\d{13}|application_\d+_\d+|spark-[0-9a-f]{32})\b/.exec(message)?.[1],
      logger,
    );
    this.#count(message, logger);
    // What has no head of its own goes on with a warning or an error, and stands for itself otherwise: it was printed.
    this.#level = level ?? (this.#level === "warn" || this.#level === "error" ? this.#level : "info");
    this.#ctx.log[this.#level](message, logger === "" ? undefined : { logger });
  }

  /**
   * Looks at its REST API, unless the last look is still on its way or was not long ago: a driver that is slow to answer is busy, and is asked less
   * often. Whoever follows the driver does not wait for it.
   */
  look(ui: SparkUi | null): void {
    const { signal } = this.#ended;
    if (ui === null || signal.aborted || this.#looking || performance.now() < this.#lookAt) return;
    this.#looking = true;
    const begun = performance.now();
    void ui
      .look({ signal, timeoutMs: LOOK_TIMEOUT_MS })
      .then((snapshot) => void (snapshot && !signal.aborted && this.#show(snapshot)))
      // It throws only when nobody wants to know any more.
      .catch(() => {})
      .finally(() => {
        this.#looking = false;
        const now = performance.now();
        this.#lookAt = now + Math.min(PAUSE_FACTOR * (now - begun), LONGEST_PAUSE_MS);
      });
  }

  /** Nobody follows it any more. */
  close(): void {
    this.#ended.abort();
  }

  /** It has ended well: all that was seen of it is done, also what was so after the last look. */
  succeeded(): void {
    if (this.#total > 0) this.#ctx.progress(this.#total, this.#total, `${this.#jobs} of ${this.#jobs} jobs done`);
  }

  named(applicationId: string | null): void {
    if (applicationId !== null) this.#applicationId = applicationId;
  }

  #show(snapshot: UiSnapshot): void {
    this.named(snapshot.applicationId);
    this.#jobs = Math.max(this.#jobs, snapshot.jobs.length);
    // The list begins with the newest.
    for (const stage of snapshot.failed.toReversed()) this.failure.stageFailed(stage);
    const progress = sparkProgress(snapshot);
    if (progress === null) return;
    this.#total = progress.total;
    const text = JSON.stringify(progress);
    if (text === this.#told) return;
    this.#told = text;
    this.#ctx.progress(progress.done, progress.total, progress.note);
  }

  /** Jobs that came and went between two looks stand in the log, unless the application keeps that from saying so. */
  #count(message: string, logger: string): void {
    const job = logger === "DAGScheduler" ? /^Got job (\d+) /.exec(message)?.[1] : undefined;
    if (job !== undefined) this.#jobs = Math.max(this.#jobs, Number(job) + 1);
  }

  // Only Spark's own lines: an application may print the id of another.
  #learn(id: string | undefined, logger: string): void {
    if (id !== undefined && this.#applicationId === null && /SchedulerBackend|Executor|Client/.test(logger))
      this.#applicationId = id;
  }
}
