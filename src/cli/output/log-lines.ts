import type { LogReader } from "../../engine/logs/log-reader.ts";
import type { StoreView } from "../../store/store-view.ts";
import type { Output } from "./output.ts";
import { clockText, isoText, taskRunText } from "./time-text.ts";

type LogLine = Awaited<ReturnType<LogReader["read"]>>[number];

export interface LogSelection {
  /** `mapIndex` null: all elements. */
  readonly task: { readonly name: string; readonly mapIndex: number | null } | null;
  readonly attempt: number | null;
}

interface Place {
  readonly task: string;
  readonly mapIndex: number | null;
}

const LEVEL_STYLES = { debug: "dim", info: "cyan", warn: "yellow", error: "red" } as const;

/** Prints log lines with the names of their tasks, which the files don't hold. */
export class LogLines {
  printed = 0;
  readonly #reader: StoreView;
  readonly #runId: string;
  readonly #selection: LogSelection;
  readonly #out: Output;
  readonly #json: boolean;
  readonly #places = new Map<number, Place>();
  /** By task run and claim. */
  readonly #attempts = new Map<string, number>();

  constructor(reader: StoreView, runId: string, selection: LogSelection, out: Output, json: boolean) {
    this.#reader = reader;
    this.#runId = runId;
    this.#selection = selection;
    this.#out = out;
    this.#json = json;
  }

  async print(lines: readonly LogLine[]): Promise<void> {
    if (lines.some((line) => !this.#attempts.has(keyOf(line)))) await this.#learn();
    for (const line of lines) {
      const place = this.#places.get(line.taskRunId);
      const attempt = this.#attempts.get(keyOf(line)) ?? null;
      if (place === undefined || !this.#isSelected(place, attempt)) continue;
      this.printed++;
      if (this.#json)
        this.#out.json({
          at: isoText(line.at),
          task: place.task,
          mapIndex: place.mapIndex,
          attempt,
          level: line.level,
          source: line.source,
          message: line.message,
          ...(line.fields === null ? {} : { fields: line.fields }),
        });
      else this.#out.line(this.#text(line, place, attempt));
    }
  }

  #isSelected({ task, mapIndex }: Place, attempt: number | null): boolean {
    const wanted = this.#selection;
    if (
      wanted.task !== null &&
      (wanted.task.name !== task || (wanted.task.mapIndex !== null && wanted.task.mapIndex !== mapIndex))
    )
      return false;
    return wanted.attempt === null || wanted.attempt === attempt;
  }

  #text({ at, level, source, message, fields }: LogLine, { task, mapIndex }: Place, attempt: number | null): string {
    const out = this.#out;
    const name = `${taskRunText(task, mapIndex)}${attempt === null || attempt === 1 ? "" : ` (attempt ${attempt})`}`;
    const shown =
      source === "log"
        ? ` ${out.style(LEVEL_STYLES[level], level.padEnd(5))}`
        : source === "stderr"
          ? ` ${out.style("red", "stderr")}`
          : "";
    return `${out.style("dim", clockText(at))} ${out.style("bold", name)}${shown} ${message}${fields === null ? "" : ` ${out.style("dim", JSON.stringify(fields))}`}`;
  }

  /** Task runs and claims as they are now: attempts that ended, and the one that each task run has. */
  async #learn(): Promise<void> {
    const detail = await this.#reader.runDetail(this.#runId, { outputs: false });
    for (const { id, task, mapIndex, claim, attempt } of detail?.taskRuns ?? []) {
      this.#places.set(id, { task, mapIndex });
      this.#attempts.set(`${id} ${claim}`, attempt);
    }
    for (const { taskRunId, claim, attempt } of await this.#reader.attempts(this.#runId))
      this.#attempts.set(`${taskRunId} ${claim}`, attempt);
  }
}

const keyOf = ({ taskRunId, claim }: LogLine): string => `${taskRunId} ${claim}`;
