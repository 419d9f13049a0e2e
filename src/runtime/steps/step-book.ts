import { AsyncLocalStorage } from "node:async_hooks";
import { TuttiError } from "../../core/errors.ts";
import { Journal } from "./journal.ts";
import { Parking, type ParkingBody } from "./parking.ts";
import { Replay } from "./replay.ts";
import { comesFrom } from "./step-error.ts";
import { StepNames } from "./step-names.ts";
import type { EndRecord, StepId, StepRecord } from "./step-record.ts";
import type { StepPorts } from "./steps.ts";

const insideStep = new AsyncLocalStorage<StepId>();

/** Whose book it is. */
export interface BookBody extends ParkingBody {
  /** What must be read before the body hears again of an end; `null`: nothing. */
  fetch(end: EndRecord): Promise<unknown> | null;
}

/** What everything goes through that a body does once and for all: what is recorded of it, and in which order the body hears of it. */
export class StepBook {
  readonly journal: Journal;
  readonly parking: Parking;
  readonly #ports: StepPorts;
  readonly #body: BookBody;
  readonly #names = new StepNames();
  #replay: Replay | null = null;
  #failures: { readonly thrown: unknown; readonly record: StepRecord }[] | null = null;
  /** The body hears of one end after the other, in the order in which they are recorded. */
  #heard: Promise<unknown> | null = null;
  #isOver = false;
  /** Why it is to stop. */
  #stopped: Error | null = null;

  constructor(ports: StepPorts, body: BookBody) {
    this.#ports = ports;
    this.#body = body;
    this.journal = new Journal(ports, ports.version);
    this.parking = new Parking(ports, body);
  }

  /** Reads what earlier executions recorded: before the body runs again. */
  async load(): Promise<readonly StepRecord[]> {
    const records = await this.journal.load();
    if (records.length > 0) this.#replay = new Replay(records, this.#ports.version, this.#ports, this.#body);
    return records;
  }

  /** What is to be done again; `null`: nothing was recorded. */
  get replay(): Replay | null {
    return this.#replay;
  }

  open(kind: StepId["kind"], name: string, key: string | null = null): StepId {
    return this.#names.open(kind, name, key);
  }

  close(id: StepId): void {
    this.#names.close(id);
  }

  /** How it ended before; `null`: it did not. */
  recorded(id: StepId): Promise<EndRecord | null> {
    return this.parking.whileBusy(async () =>
      this.#replay === null || this.#replay.isDone ? null : this.#replay.ask(id),
    );
  }

  /** Durable, and heard of when it is the body's turn. Its slot may have been given back meanwhile. */
  async write(record: StepRecord): Promise<void> {
    await this.parking.awake();
    await this.#hear(this.parking.whileWriting(() => this.journal.write(record)));
  }

  /** Heard of when it is the body's turn, and durable with the next. */
  async note(record: StepRecord): Promise<void> {
    this.journal.note(record);
    await this.#hear(null);
  }

  /** It failed with this, and the body may go on without it. */
  async noteFailure(thrown: unknown, record: StepRecord): Promise<void> {
    this.knownFailure(thrown, record);
    await this.note(record);
  }

  /** As it was recorded. */
  knownFailure(thrown: unknown, record: StepRecord): void {
    (this.#failures ??= []).push({ thrown, record });
  }

  /** The body threw this: a step whose error it is runs again in the next attempt. */
  async failed(thrown: unknown): Promise<void> {
    const failure = this.#failures?.find((each) => comesFrom(thrown, each.thrown));
    if (failure?.record.kind !== "failed" || !this.journal.has(failure.record)) return;
    await this.parking.awake();
    await this.journal.write({ kind: "escaped", id: failure.record.id }).catch(() => {});
  }

  /** The body is over, or is to stop because of `error`. Answers what is recorded and was never asked for. */
  end(error: Error | null): readonly string[] {
    this.#isOver = true;
    this.#stopped ??= error;
    this.parking.end(error);
    this.#replay?.stop();
    return this.#replay?.leftOver ?? [];
  }

  inStep<T>(id: StepId, work: () => T): T {
    return insideStep.run(id, work);
  }

  get isInStep(): boolean {
    return insideStep.getStore() !== undefined;
  }

  /** @throws TuttiError `STEP_IN_STEP`, `STEP_OUTSIDE_TASK` */
  checkPlace(what: string): void {
    const outer = insideStep.getStore();
    if (outer)
      throw new TuttiError(
        "STEP_IN_STEP",
        `${what} was called inside step "${outer.name}", which is one thing that happens once. Call it in the task's body, beside the other.`,
      );
    this.checkOver(`${what} was called`);
  }

  /** @throws TuttiError `STEP_OUTSIDE_TASK`, or what the body was stopped with */
  checkOver(what: string): void {
    if (!this.#isOver) return;
    throw (
      this.#stopped ??
      new TuttiError("STEP_OUTSIDE_TASK", `${what} after its task had ended. Await every step before the task returns.`)
    );
  }

  /** Resolves when it is the body's turn to hear of what is durable then. */
  async #hear(durable: Promise<void> | null): Promise<void> {
    const before = this.#heard;
    const heard = (async () => {
      await Promise.allSettled([before, durable]);
      await new Promise<void>((resolve) => this.#ports.turn(resolve));
    })();
    this.#heard = heard;
    await heard;
    await durable;
  }
}
