import { formatDuration } from "../../core/duration.ts";
import type { ErrorData } from "../../core/errors.ts";
import { NEVER } from "../../core/wait.ts";
import { isEndedTaskRun, type TaskRunState } from "../../core/task-run-state.ts";
import type { RunEvent, RunListener } from "../../engine/run-event.ts";
import { LiveRegion } from "./live-region.ts";
import type { Output } from "./output.ts";
import { stateMark } from "./state-mark.ts";
import { failureText } from "./task-failure.ts";
import { TaskTally } from "./task-tally.ts";
import { taskRunText, timeText } from "./time-text.ts";

type TaskEvent = RunEvent & { kind: "task" };

const DRAW_EVERY_MS = 100;
/** Of one mapped task: more would bury everything else. */
const ELEMENTS_TOLD = 10;
const BAR_WIDTH = 24;
const RUNNING_SHOWN = 8;

export interface RunViewOptions {
  /** Shown once the run is accepted. */
  readonly title: string;
  /** Tasks of the graph. */
  readonly tasks: number;
  /** What a run that goes on has done before. Default: nothing. */
  readonly known?: ConstructorParameters<typeof TaskTally>[1];
}

/** What happens to one run, line by line; on a terminal with a bar and the running tasks below. */
export class RunView {
  readonly #out: Output;
  readonly #options: RunViewOptions;
  readonly #region = new LiveRegion(process.stdout);
  readonly #tally: TaskTally;
  /** Elements of each mapped task that have ended. */
  readonly #told = new Map<string, number>();
  readonly #waited = new Set<string>();
  #begun = false;
  #troubled: string | null = null;
  #timer: NodeJS.Timeout | null = null;

  constructor(out: Output, options: RunViewOptions) {
    this.#out = out;
    this.#options = options;
    this.#tally = new TaskTally(options.tasks, options.known);
  }

  readonly listener: RunListener = (event) => {
    if (!this.#begun) this.#region.print(this.#options.title);
    this.#begun = true;
    switch (event.kind) {
      case "task":
        this.#task(event);
        break;
      case "snapshot":
        this.#tally.take(event.counts);
        break;
      case "progress":
        this.#tally.progress(taskRunText(event.task, event.mapIndex), event);
        break;
      case "log":
        this.#region.print(
          `  ${this.#out.style("dim", `${taskRunText(event.task, event.mapIndex)} |`)} ${event.line.message}`,
        );
        break;
      case "trouble":
        this.#trouble(failureText(event.error));
        break;
      case "run":
    }
    this.#drawSoon();
  };

  /** A line about the work, above the bar. */
  note(text: string): void {
    if (this.#region.isShown) this.#region.print(text);
    else this.#out.note(text);
  }

  close(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    this.#region.clear();
    for (const [task, told] of this.#told)
      if (told > ELEMENTS_TOLD) this.#region.print(`  … ${told - ELEMENTS_TOLD} more elements of ${task} ended`);
    this.#told.clear();
  }

  /** It is tried again and again; said once until something goes on. */
  #trouble(text: string): void {
    if (text === this.#troubled) return;
    this.#troubled = text;
    this.#region.print(this.#out.style("yellow", `Can't go on now, and trying again: ${text}`));
  }

  #task(event: TaskEvent): void {
    this.#troubled = null;
    const tookMs = this.#tally.moved(event);
    if (event.state === "deferred") return this.#waits(event);
    if (event.state === "up_for_retry") return this.#tell(event, againText(event));
    if (isEndedTaskRun(event.state) && event.state !== "removed") this.#tell(event, endText(event, tookMs));
  }

  /** A sensor waits again and again: said once. */
  #waits(event: TaskEvent): void {
    const name = taskRunText(event.task, event.mapIndex);
    if (this.#waited.has(name)) return;
    this.#waited.add(name);
    this.#tell(event, event.dueAt === NEVER ? "waits for an event" : `waits until ${timeText(event.dueAt)}`);
  }

  /** Of a mapped task the first elements, and every one that did not go well up to a bound. */
  #tell({ task, mapIndex, state }: TaskEvent, text: string): void {
    if (mapIndex !== null) {
      const told = (this.#told.get(task) ?? 0) + 1;
      this.#told.set(task, told);
      if (told > ELEMENTS_TOLD) return;
    }
    this.#region.print(
      `${stateMark(this.#out, state)} ${taskRunText(task, mapIndex)}${text === "" ? "" : `  ${this.#out.style(styleOf(state), text)}`}`,
    );
  }

  #drawSoon(): void {
    if (!this.#region.isShown || this.#timer !== null) return;
    this.#timer = setTimeout(() => {
      this.#timer = null;
      this.#draw();
      // Seconds go on while nothing happens.
      if (this.#tally.running.length > 0) this.#drawSoon();
    }, DRAW_EVERY_MS).unref();
  }

  #draw(): void {
    const { running } = this.#tally;
    const shown = running
      .slice(0, RUNNING_SHOWN)
      .map(
        ({ name, sinceMs, progress }) =>
          `${stateMark(this.#out, "running")} ${name}  ${progress === null ? formatDuration(sinceMs) : `${bar(progress.done, progress.total)} ${progress.done}/${progress.total} ${noteText(progress.note)}`}`,
      );
    const more = running.length > RUNNING_SHOWN ? [`  … ${running.length - RUNNING_SHOWN} more running`] : [];
    this.#region.set([
      ...shown,
      ...more,
      `${this.#out.style("cyan", bar(this.#tally.ended, this.#tally.total))} ${this.#tally.ended}/${this.#tally.total} tasks`,
    ]);
  }
}

const styleOf = (state: TaskRunState): "red" | "yellow" | "dim" =>
  state === "failed" ? "red" : state === "up_for_retry" || state === "cancelled" ? "yellow" : "dim";

function bar(done: number, total: number): string {
  const filled = total === 0 ? 0 : Math.min(BAR_WIDTH, Math.round((done / total) * BAR_WIDTH));
  return "█".repeat(filled) + "░".repeat(BAR_WIDTH - filled);
}

const againText = ({ attempt, error, at, dueAt }: TaskEvent): string =>
  `attempt ${attempt} failed, again in ${formatDuration(((dueAt ?? at) - at) / 1000)}: ${failureText(error ?? NOTHING)}`;

function endText({ state, error, skipReason, cached }: TaskEvent, tookMs: number | null): string {
  const took = tookMs === null ? "" : formatDuration(tookMs);
  if (state === "failed") return `failed${took === "" ? "" : ` after ${took}`}: ${failureText(error ?? NOTHING)}`;
  if (state === "skipped") return `skipped${skipReason === null ? "" : `: ${skipReason}`}`;
  if (cached) return `kept, from run ${cached.runId} at ${timeText(cached.madeAt)}`;
  return state === "succeeded" ? took : state;
}

const NOTHING: ErrorData = { name: "Error", message: "unknown" };

/** On one line, whatever the task has put into it. */
const noteText = (note: string | null): string => (note ?? "").replaceAll(/\p{Cc}/gu, " ");
