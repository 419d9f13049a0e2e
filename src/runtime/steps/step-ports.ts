import type { Instant } from "../../core/clock.ts";
import type { RunQuestion } from "../../core/run-call.ts";
import type { StoredValue } from "../../core/value.ts";
import type { Deferral, StepEntry } from "../../core/wait.ts";
import type { Attempt } from "../attempt.ts";
import type { EmittedQuestion, EmittedSince } from "../protocol.ts";
import { decodeStored } from "../stored-value.ts";
import type { StepPorts } from "./steps.ts";
import { AttemptTaskRunPorts, storedOutput } from "./task-run-ports.ts";

/** For how long a body may ask for something that is not what it asked for before, until it counts as changed. */
const STALL_MS = 2_000;

/** What the steps of an attempt need of the process around it. A class, because a hundred thousand may wait: a closure for each port is two kilobytes of every one. */
export class AttemptStepPorts implements StepPorts {
  readonly #attempt: Attempt;

  constructor(attempt: Attempt) {
    this.#attempt = attempt;
  }

  now(): Instant {
    return this.#attempt.ports.now();
  }

  at(instant: Instant, call: () => void): () => void {
    return this.#attempt.ports.at(instant, call);
  }

  after(ms: number, call: () => void): () => void {
    const timer = setTimeout(call, ms);
    return () => clearTimeout(timer);
  }

  turn(call: () => void): void {
    setImmediate(call);
  }

  stall(call: () => void): () => void {
    return this.after(STALL_MS, call);
  }

  wake(): void {
    this.#attempt.ports.wake(this.#attempt);
  }

  get canPark(): boolean {
    return this.#attempt.ports.defer !== null;
  }

  park(deferral: Deferral): void {
    this.#attempt.ports.defer?.(this.#attempt, deferral);
  }

  get tasks(): AttemptTaskRunPorts {
    return new AttemptTaskRunPorts(this.#attempt);
  }

  failed(error: unknown): void {
    this.#attempt.failWith(error);
  }

  async read(): Promise<readonly string[]> {
    return JSON.parse((await this.#drawer("")) ?? "[]") as string[];
  }

  async write({ key, value }: StepEntry): Promise<void> {
    await this.#drawer(key, value);
  }

  get version(): string {
    return this.#attempt.run.version.hash;
  }

  get taskRunId(): number {
    return this.#attempt.task.taskRunId;
  }

  get seed(): string {
    return this.#attempt.task.idempotencyKey;
  }

  async events(name: string, after: string | null): Promise<EmittedSince> {
    const key = JSON.stringify({ name, after } satisfies EmittedQuestion);
    // A test of one task knows of none.
    const said = await this.#attempt.ports.drawer(this.#attempt, "events", key);
    return said === null ? { events: [], mark: "" } : (JSON.parse(said) as EmittedSince);
  }

  async runs<A>(question: RunQuestion): Promise<A | null> {
    const said = await this.#attempt.ports.drawer(this.#attempt, "runs", JSON.stringify(question));
    return JSON.parse(said ?? "null") as A;
  }

  get interval(): { readonly start: Instant; readonly end: Instant } {
    return this.#attempt.run.interval;
  }

  get workflow(): string {
    return this.#attempt.run.version.workflow;
  }

  storedOutput(output: StoredValue | null): unknown {
    return storedOutput(output, this.#attempt.ports.artifactsDir);
  }

  decode(text: string): unknown {
    return decodeStored(text, this.#attempt.ports.artifactsDir);
  }

  get maxBytes(): number {
    return this.#attempt.ports.inlineBytes;
  }

  #drawer(key: string, value?: string): Promise<string | null> {
    return this.#attempt.ports.drawer(this.#attempt, "steps", key, value);
  }
}
