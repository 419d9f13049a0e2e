import type { StandardSchemaV1 } from "@standard-schema/spec";
import type { Approval, ApprovalOptions } from "../../authoring/approval.ts";
import type { WaitForEventOptions } from "../../authoring/context.ts";
import type { EventInfo } from "../../authoring/event-info.ts";
import { addMs, dateFromInstant, type Instant } from "../../core/clock.ts";
import { type Duration, parseDuration } from "../../core/duration.ts";
import { toErrorData } from "../../core/error-data.ts";
import { TuttiError } from "../../core/errors.ts";
import { seededRandom } from "../../core/seeded-random.ts";
import { encodedBytes, encodeValue } from "../../core/value-codec.ts";
import type { RunQuestion } from "../../core/run-call.ts";
import type { StoredValue } from "../../core/value.ts";
import type { WaitForWindowOptions, WindowRun, WorkflowRun } from "../../authoring/workflow-run.ts";
import { runWorkflow } from "./run-workflow.ts";
import { waitForWindow } from "./wait-for-window.ts";
import type { Deferral, Until } from "../../core/wait.ts";
import { askApproval } from "./ask-approval.ts";
import type { EmittedPort } from "./hear-event.ts";
import { waitForEvent } from "./wait-for-event.ts";
import type { JournalPort } from "./journal.ts";
import type { ParkingPorts } from "./parking.ts";
import type { ReplayPorts } from "./replay.ts";
import { type BookBody, StepBook } from "./step-book.ts";
import { recordedError } from "./step-error.ts";
import type { EndRecord, StepId } from "./step-record.ts";
import { type TaskRunPorts, TaskRuns } from "./task-runs.ts";

export interface StepPorts extends ParkingPorts, ReplayPorts, JournalPort {
  /** Whether the slot can be given back. */
  readonly canPark: boolean;
  /** Gives the slot back, together with what is recorded and not written. */
  park(deferral: Deferral): void;
  readonly tasks: TaskRunPorts;
  /** Of the body's code. */
  readonly version: string;
  /** What tells its approvals from those of any other task run. */
  readonly taskRunId: number;
  /** What `ctx.random()` is made from. */
  readonly seed: string;
  decode(text: string): unknown;
  /** The body can't go on: what it waits for can't be read. */
  failed(error: unknown): void;
  /** What was emitted after a mark. */
  events: EmittedPort;
  /** How runs of other workflows are; `null`: nobody knows of any. */
  runs<A>(question: RunQuestion): Promise<A | null>;
  /** Of its own run. */
  readonly interval: { readonly start: Instant; readonly end: Instant };
  readonly workflow: string;
  storedOutput(output: StoredValue | null): unknown;
  /** The largest value that a step may return, encoded. */
  readonly maxBytes: number;
}

/** What a body does once and for all: its steps, its waits, the time and the chance it saw. */
export class Steps implements BookBody {
  readonly #ports: StepPorts;
  readonly #book: StepBook;
  /** Made when one is asked for: only a flow has them. */
  #tasks: TaskRuns | null = null;
  #randoms = 0;

  constructor(ports: StepPorts) {
    this.#ports = ports;
    this.#book = new StepBook(ports, this);
  }

  /** Reads what earlier executions recorded: before the body runs again. */
  async load(): Promise<void> {
    const records = await this.#book.load();
    if (this.#book.replay?.hasRuns) this.#ofTasks.load(records);
  }

  async step(name: unknown, work: unknown, options: { readonly key?: unknown } = {}): Promise<unknown> {
    this.#book.checkPlace(`ctx.step(${JSON.stringify(name)})`);
    const { key = null } = options;
    if (
      typeof name !== "string" ||
      name === "" ||
      typeof work !== "function" ||
      (key !== null && typeof key !== "string")
    )
      throw new TuttiError(
        "BAD_STEP",
        `A step has a name, a function, and perhaps a key, which is a text: ctx.step("charge", () => charge(order), { key: order.id }).`,
      );
    const id = this.#book.open("step", name, key);
    return this.#book.parking.whileBusy(async () => {
      try {
        const recorded = await this.#book.recorded(id);
        return recorded ? this.#again(recorded) : await this.#run(id, work as () => unknown);
      } finally {
        this.#book.close(id);
      }
    });
  }

  /** Runs a task of a flow. */
  async run(task: unknown, input: unknown): Promise<unknown> {
    return this.#ofTasks.run(task, input);
  }

  async sleep(time: Duration): Promise<void> {
    const ms = parseDuration(time);
    const { parking, journal, replay } = this.#book;
    this.#book.checkPlace(`ctx.sleep(${JSON.stringify(time)})`);
    const id = this.#book.open("sleep", `ctx.sleep of ${ms} ms`);
    if (await this.#book.recorded(id)) return;
    await parking.awake();
    let dueAt = replay?.begun(id)?.dueAt ?? null;
    if (dueAt === null) journal.note({ kind: "sleep", id, dueAt: (dueAt = addMs(this.#ports.now(), ms)) });
    await parking.wait(dueAt);
    await this.#book.note({ kind: "slept", id });
  }

  /** `null`: none came in time. */
  async waitForEvent(name: string, options: WaitForEventOptions = {}): Promise<EventInfo | null> {
    return waitForEvent(name, options, this.#book, this.#ports);
  }

  /** Asks a person. */
  async approval(options: unknown): Promise<Approval<unknown>> {
    return askApproval(options as ApprovalOptions<StandardSchemaV1>, this.#book, this.#ports);
  }

  /** Starts a run of another workflow and waits for its end. */
  async runWorkflow(workflow: unknown, params: unknown): Promise<WorkflowRun> {
    return runWorkflow(workflow, params, this.#book, this.#ports);
  }

  /** Waits until another workflow has done a window. */
  async waitForWindow(workflow: unknown, options: WaitForWindowOptions = {}): Promise<readonly WindowRun[]> {
    return waitForWindow(workflow, options, this.#book, this.#ports);
  }

  now(): Date {
    if (this.#book.isInStep) return dateFromInstant(this.#ports.now());
    const known = this.#book.replay?.takeNow();
    if (known !== undefined) return dateFromInstant(known);
    // As a Date holds it: to the millisecond.
    const at = Math.floor(this.#ports.now() / 1000) * 1000;
    this.#book.journal.note({ kind: "now", at });
    return dateFromInstant(at);
  }

  random(): number {
    return this.#book.isInStep ? Math.random() : seededRandom(this.#ports.seed, ++this.#randoms);
  }

  /** Resolves while there is a slot. */
  awake(): Promise<void> | null {
    return this.#book.parking.awake();
  }

  get isParked(): boolean {
    return this.#book.parking.isParked;
  }

  resume(wokenAt: Instant): void {
    this.#book.parking.resume(wokenAt);
    this.lookAtTasks();
  }

  /** The body threw this: a step whose error it is runs again in the next attempt. */
  async failed(thrown: unknown): Promise<void> {
    await this.#book.failed(thrown);
  }

  /** The body is over, or is to stop because of `error`. Answers what is recorded and was never asked for. */
  end(error: Error | null): readonly string[] {
    return this.#book.end(error);
  }

  get canPark(): boolean {
    return this.#ports.canPark;
  }

  get presses(): boolean {
    return this.#tasks?.presses ?? false;
  }

  /** Where it can't be read what they came to, the body can't go on. */
  lookAtTasks(): void {
    if (this.#tasks && this.#book.parking.tasks.length > 0)
      this.#tasks.look().catch((error: unknown) => this.#ports.failed(error));
  }

  fetch(end: EndRecord): Promise<unknown> | null {
    return this.#tasks?.fetch(end) ?? null;
  }

  park(until: Until): void {
    const { journal } = this.#book;
    const begun = this.#tasks?.take() ?? [];
    for (const { record } of begun) journal.note(record);
    const requests = begun.map(({ request }) => request);
    this.#ports.park({ until, steps: journal.take(), ...(requests.length > 0 && { requests }) });
  }

  get #ofTasks(): TaskRuns {
    return (this.#tasks ??= new TaskRuns(this.#ports.tasks, this.#book));
  }

  #again(record: EndRecord): unknown {
    if (record.kind === "step") return this.#ports.decode(record.value);
    if (record.kind !== "failed") return undefined;
    const thrown = recordedError(record.error);
    this.#book.knownFailure(thrown, record);
    throw thrown;
  }

  async #run(id: StepId, work: () => unknown): Promise<unknown> {
    await this.#book.parking.awake();
    let value: unknown;
    try {
      value = await this.#book.inStep(id, async () => work());
    } catch (thrown) {
      await this.#book.noteFailure(thrown, { kind: "failed", id, error: toErrorData(thrown) });
      throw thrown;
    }
    this.#book.checkOver(`Step "${id.name}" ended`);
    await this.#book.write({ kind: "step", id, value: this.#encoded(id, value) });
    return value;
  }

  #encoded({ name }: StepId, value: unknown): string {
    const text = encodeValue(value, { at: `what step "${name}" returned` });
    if (text.length * 3 <= this.#ports.maxBytes || encodedBytes(text) <= this.#ports.maxBytes) return text;
    throw new TuttiError(
      "STEP_TOO_LARGE",
      `What step "${name}" returned has ${encodedBytes(text)} bytes; a step records at most ${this.#ports.maxBytes}. Write it somewhere in the step and return where it is.`,
    );
  }
}
