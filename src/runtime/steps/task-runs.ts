import { createHash } from "node:crypto";
import { TaskFailed, TaskSkipped } from "../../authoring/task-ended.ts";
import { toErrorData } from "../../core/error-data.ts";
import type { ErrorData } from "../../core/errors.ts";
import { encodeValue } from "../../core/value-codec.ts";
import { NEVER, type TaskRequest } from "../../core/wait.ts";
import type { EndedTask, EndsAnswer, EndsQuestion } from "../../core/ended-task.ts";
import { rangesOf, type TaskPlace } from "./parking.ts";
import type { StepBook } from "./step-book.ts";
import { recordedError } from "./step-error.ts";
import type { EndRecord, StepId, StepRecord } from "./step-record.ts";

/** What the body of a flow needs to run tasks. */
export interface TaskRunPorts {
  /** Where the task stands in the manifest, and its name there. @throws TuttiError `RUN_OUTSIDE_FLOW`, `TASK_NOT_DECLARED` */
  find(task: unknown): { readonly task: number; readonly name: string };
  /** By the names of their tasks; -1: there is none in this version. */
  placeOf(name: string): number;
  /** An input as text that the task run gets. */
  give(input: unknown, text: string, name: string): string | Promise<string>;
  ends(ranges: EndsQuestion): Promise<EndsAnswer>;
  /** What a task run returned. */
  value(end: EndedTask): unknown;
  /** Which attempt of the body this is. */
  readonly during: string;
}

/** An input stands in the record as it is, unless it is longer than this. */
const MAX_KEY = 120;

/** Values that are read ahead of a body that runs again. */
const AHEAD = 64;

/** The task runs that the body of a flow asks for: which is which, which begin with the next deferral, and what they came to. */
export class TaskRuns {
  readonly #ports: TaskRunPorts;
  readonly #book: StepBook;
  readonly #begun = new Map<string, TaskPlace>();
  readonly #next = new Map<number, number>();
  readonly #ends = new Map<string, EndedTask>();
  /** Not told yet. */
  #requests: { readonly request: TaskRequest; readonly record: StepRecord }[] = [];
  /** In the order of the record: what a body that runs again asks for next. */
  #ahead: TaskPlace[] = [];

  constructor(ports: TaskRunPorts, book: StepBook) {
    this.#ports = ports;
    this.#book = book;
  }

  /** What earlier executions asked for. */
  load(records: readonly StepRecord[]): void {
    for (const { id, index } of this.#book.replay?.runs ?? []) {
      const task = this.#ports.placeOf(id.name);
      this.#begun.set(textOf(id), { task, index });
      this.#next.set(task, Math.max(this.#next.get(task) ?? 0, index + 1));
    }
    this.#ahead = records.flatMap((record) =>
      record.kind === "ran" ? (this.#begun.get(textOf(record.id)) ?? []) : [],
    );
  }

  async run(task: unknown, input: unknown): Promise<unknown> {
    const book = this.#book;
    book.checkPlace("ctx.run");
    const { task: place, name } = this.#ports.find(task);
    const text = encodeValue(input, { at: `the input of task "${name}"` });
    const id = book.open("run", name, inputKeyOf(text));
    const known = await book.recorded(id);
    if (known) return book.parking.whileBusy(() => this.#again(id, known));
    await book.parking.awake();
    const given = await book.parking.whileBusy(async () => this.#ports.give(input, text, name));
    const end = await this.#ended(id, place, given);
    return book.parking.whileBusy(() => this.#heard(id, end));
  }

  get presses(): boolean {
    return this.#requests.length > 0;
  }

  /** What begins now, with what is to be recorded together with it. */
  take(): readonly { readonly request: TaskRequest; readonly record: StepRecord }[] {
    return this.#requests.splice(0);
  }

  /** Begins it, or finds the one that this body has asked for before. */
  async #ended(id: StepId, task: number, input: string): Promise<EndedTask> {
    const begun = this.#book.replay?.begunRun(id) ?? null;
    const place = { task, index: begun?.index ?? this.#number(task) };
    this.#begun.set(textOf(id), place);
    const { during } = this.#ports;
    // What failed in an earlier attempt has another chance in this one.
    if (begun?.during !== during)
      this.#requests.push({
        request: { ...place, input },
        record: { kind: "run", id, index: place.index, during },
      });
    await this.#book.parking.wait(NEVER, { task: place });
    return this.#taken(place);
  }

  async #heard(id: StepId, end: EndedTask): Promise<unknown> {
    this.#book.checkOver(`Task "${id.name}" ended`);
    if (end.state === "succeeded") {
      await this.#book.note({ kind: "ran", id });
      return this.#ports.value(end);
    }
    const thrown = endError(id.name, end);
    await this.#book.noteFailure(thrown, failedRecord(id, thrown));
    throw thrown;
  }

  /** Reads what a task run returned that the body is to hear of next, and some behind it; `null`: it is known. */
  fetch(end: EndRecord): Promise<unknown> | null {
    const place = end.kind === "ran" ? this.#begun.get(textOf(end.id)) : undefined;
    return place && !this.#ends.has(keyOf(place)) ? this.#read(this.#takeAhead(place)) : null;
  }

  /** As it ended before. */
  async #again(id: StepId, record: EndRecord): Promise<unknown> {
    const place = this.#begun.get(textOf(id))!;
    if (record.kind === "failed") {
      const thrown = recordedEnd(id, place.index, record.state ?? "failed", record.error);
      this.#book.knownFailure(thrown, record);
      throw thrown;
    }
    // One that is asked for in no order was not read before.
    if (!this.#ends.has(keyOf(place))) await this.#read(this.#takeAhead(place));
    return this.#ports.value(this.#taken(place));
  }

  /** Something may have ended: those who wait for it go on. */
  async look(): Promise<void> {
    const { parking } = this.#book;
    // What was not told yet has not begun.
    const untold = new Set(this.#requests.map(({ request }) => keyOf(request)));
    const begun = parking.tasks.filter((place) => !untold.has(keyOf(place)));
    if (begun.length === 0) return;
    const ended = await parking.whileWriting(() => this.#read(begun));
    for (const place of ended) parking.taskEnded(place);
  }

  async #read(places: readonly TaskPlace[]): Promise<readonly TaskPlace[]> {
    const read: TaskPlace[] = [];
    for (let left = places; left.length > 0;) {
      const { ends, more } = await this.#ports.ends(rangesOf(left));
      for (const end of ends) this.#ends.set(keyOf(end), end);
      read.push(...ends);
      const known = new Set(ends.map(keyOf));
      left = more ? left.filter((place) => !known.has(keyOf(place))) : [];
    }
    return read;
  }

  #takeAhead(place: TaskPlace): readonly TaskPlace[] {
    const at = this.#ahead.findIndex(({ task, index }) => task === place.task && index === place.index);
    return at === -1 ? [place] : this.#ahead.splice(at, AHEAD);
  }

  /** Its value is held no longer than until it is heard of. */
  #taken(place: TaskPlace): EndedTask {
    const end = this.#ends.get(keyOf(place));
    this.#ends.delete(keyOf(place));
    return end ?? { ...place, state: "removed", output: null, error: null, skipReason: null };
  }

  #number(task: number): number {
    const index = this.#next.get(task) ?? 0;
    this.#next.set(task, index + 1);
    return index;
  }
}

/** What `ctx.run` matches by, beside the task. */
export const inputKeyOf = (text: string): string =>
  text.length <= MAX_KEY ? text : `sha256:${createHash("sha256").update(text).digest("hex")}`;

/** How one that has no value ended, as the body hears of it. */
export function endError(name: string, { index, state, error, skipReason }: EndedTask): TaskFailed | TaskSkipped {
  if (state === "skipped") return new TaskSkipped(name, index, skipReason ?? `task "${name}" was skipped`);
  const how = state === "failed" ? "failed" : "cancelled";
  const why = error === null ? "" : `: ${error.message}`;
  return new TaskFailed(name, index, how, `Task "${name}" ${how === "failed" ? "failed" : "was cancelled"}${why}`, {
    ...(error && { cause: recordedError(error) }),
  });
}

export const failedRecord = (id: StepId, thrown: TaskFailed | TaskSkipped): StepRecord => ({
  kind: "failed",
  id,
  error: { ...withoutStack(toErrorData(thrown)), ...(thrown instanceof TaskSkipped && { message: thrown.reason }) },
  state: thrown instanceof TaskSkipped ? "skipped" : thrown.state,
});

/** It says where this body was, which it says itself when it is thrown again. */
const withoutStack = ({ name, message, code, cause }: ErrorData): ErrorData => ({
  name,
  message,
  ...(code !== undefined && { code }),
  ...(cause && { cause }),
});

/** The same, as it was recorded. */
export function recordedEnd(
  { name }: StepId,
  index: number,
  state: "failed" | "cancelled" | "skipped",
  { message, cause }: ErrorData,
): TaskFailed | TaskSkipped {
  if (state === "skipped") return new TaskSkipped(name, index, message);
  return new TaskFailed(name, index, state, message, { ...(cause && { cause: recordedError(cause) }) });
}

const textOf = ({ name, key, nth }: StepId): string => JSON.stringify([name, key, nth]);
const keyOf = ({ task, index }: TaskPlace): string => `${task}/${index}`;
