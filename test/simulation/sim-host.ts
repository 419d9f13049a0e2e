import type { ErrorData } from "../../src/core/errors.ts";
import type { HostListener, WorkerHost } from "../../src/engine/worker-host.ts";
import type { Assignment, Finished, ParsedParams, RunInfo } from "../../src/runtime/protocol.ts";
import { encodeValue } from "../../src/core/value-codec.ts";
import { outcomeOf } from "./outcomes.ts";
import type { SimEngine } from "./sim-engine.ts";
import type { World } from "./world.ts";

/** A task that this host has, from its start to the word that it is over. */
interface Held {
  readonly assignment: Assignment;
  aborted: boolean;
}

type Message = { readonly text: string; readonly tell: (listener: HostListener) => void };

/** How long nobody hears of a worker before somebody else says that it is lost. */
const LEASE_MS = 15_000;

/** Where tasks run: for a while, with an end that the seed knows, and with messages that get lost, come late, twice or out of order. */
export class SimHost implements WorkerHost {
  readonly name: string;
  readonly slots: number;
  readonly #engine: SimEngine;
  readonly #world: World;
  readonly #held = new Map<string, Held>();
  readonly #runs = new Map<string, Map<string, string>>();
  #listener: HostListener | null = null;
  #closed: (() => void) | null = null;

  constructor(name: string, slots: number, engine: SimEngine, world: World) {
    this.name = name;
    this.slots = slots;
    this.#engine = engine;
    this.#world = world;
  }

  get busy(): number {
    return this.#held.size;
  }

  listen(listener: HostListener): void {
    this.#listener = listener;
  }

  openRun({ runId }: RunInfo): void {
    this.#runs.set(runId, new Map());
  }

  forgetRun(runId: string): void {
    this.#runs.delete(runId);
  }

  share(runId: string, key: string, text: string): void {
    this.#runs.get(runId)?.set(key, text);
  }

  start(tasks: readonly Assignment[]): void {
    for (const assignment of tasks) this.#begin({ assignment, aborted: false });
  }

  abort(taskRunId: number, claim: number): void {
    const held = this.#held.get(keyOf({ taskRunId, claim }));
    if (!held || held.aborted) return;
    held.aborted = true;
    const { dice } = this.#world;
    if (dice.chance(0.3)) return;
    this.#after(dice.between(1, 2_000), `${label(held)} stops`, () => this.#tell(held, this.#cancelled(held)));
  }

  async parseParams(): Promise<ParsedParams> {
    return { ok: true, params: null, lists: null };
  }

  close(graceMs: number): Promise<void> {
    this.#after(graceMs, "kills what still runs", () => this.#loseAll(CLOSED));
    return new Promise((resolve) => {
      this.#closed = resolve;
      this.#leave();
    });
  }

  /** The whole worker dies, with everything in it; some time later that is noticed. */
  die(): void {
    this.#world.note(this.name, `dies with ${this.#held.size} tasks`);
    this.#loseAll(DEAD);
  }

  #begin(held: Held): void {
    const { assignment } = held;
    const run = this.#runs.get(assignment.runId);
    this.#held.set(keyOf(assignment), held);
    this.#world.note(this.name, `starts ${label(held)} attempt ${assignment.attempt}`);
    this.#world.started({
      host: this.name,
      assignment,
      busy: this.#held.size,
      slots: this.slots,
      shared: (key) => run?.get(key),
      opened: run !== undefined,
    });
    const { dice, plan } = this.#world;
    const ms = plan.strikesNow("taskIsSlow") ? dice.between(2_000, 20_000) : dice.between(0, 800);
    if (dice.chance(0.3))
      this.#after(dice.between(0, 2 * ms), `${label(held)} has started`, () =>
        this.#listener?.started(assignment.taskRunId, assignment.claim, this.#now),
      );
    if (plan.strikesNow("drawerWrite"))
      this.#after(dice.between(0, 1.2 * ms), `${label(held)} writes a drawer`, () => this.#writeDrawer(assignment));
    this.#after(ms, `${label(held)} ends`, () => this.#end(held));
  }

  /** What becomes of the word that a task has ended. */
  #end(held: Held): void {
    if (this.#held.get(keyOf(held.assignment)) !== held) return;
    const { plan, dice } = this.#world;
    const over = this.#finished(held);
    if (plan.strikesNow("taskDies")) return this.#tell(held, this.#lost(held, DEAD));
    if (plan.strikesNow("resultIsLost"))
      return this.#after(LEASE_MS, `nobody heard of ${label(held)}`, () => this.#tell(held, this.#lost(held, SILENT)));
    if (plan.strikesNow("resultIsLate")) {
      this.#tell(held, this.#lost(held, SILENT));
      return this.#say(dice.between(1, 20_000), over);
    }
    this.#tell(held, over);
    if (plan.strikesNow("resultRepeats")) this.#say(dice.between(0, 20_000), over);
  }

  /** Its slot is free with the message that it is over. */
  #tell(held: Held, message: Message): void {
    const key = keyOf(held.assignment);
    this.#after(this.#world.dice.between(0, 5), message.text, () => {
      if (this.#held.get(key) !== held) return;
      this.#held.delete(key);
      if (this.#listener) message.tell(this.#listener);
      this.#leave();
    });
  }

  /** A message about something that is over already. */
  #say(ms: number, message: Message): void {
    this.#after(ms, `${message.text} (again)`, () => this.#listener && message.tell(this.#listener));
  }

  #loseAll(error: ErrorData): void {
    for (const held of this.#held.values()) {
      this.#tell(held, this.#lost(held, error));
    }
  }

  #leave(): void {
    if (this.#held.size === 0) this.#closed?.();
  }

  #finished(held: Held): Message {
    const { assignment } = held;
    const { recorded, outcomes } = this.#world;
    const { graph } = recorded.version(assignment.runId);
    const generation = recorded.taskRun(assignment.taskRunId)?.generation ?? 0;
    return this.#result(held, outcomeOf(graph, outcomes, assignment, generation));
  }

  #cancelled = (held: Held): Message => this.#result(held, { state: "cancelled" });

  #result(held: Held, outcome: Finished["outcome"]): Message {
    const { taskRunId, claim } = held.assignment;
    const now = this.#now;
    const result: Finished = { kind: "finished", taskRunId, claim, startedAt: now, endedAt: now, outcome };
    return { text: `${label(held)} ${outcome.state}`, tell: (listener) => listener.finished(result) };
  }

  #lost({ assignment }: Held, error: ErrorData): Message {
    const { taskRunId, claim } = assignment;
    return { text: `${label({ assignment })} is lost`, tell: (listener) => listener.lost(taskRunId, claim, error) };
  }

  #writeDrawer({ taskRunId, claim }: Assignment): void {
    const value = encodeValue(`${taskRunId}/${claim}/${this.#world.clock.steps}`);
    const write = { taskRunId, claim, value };
    this.#listener?.drawer(taskRunId, claim, "state", "k", value).then(
      () => this.#world.drawers.acknowledged(write),
      (error: Error) => this.#world.drawers.refused(write, error),
    );
  }

  get #now(): number {
    return this.#world.clock.now + this.#engine.skew;
  }

  #after(ms: number, what: string, call: () => void): void {
    this.#world.clock.after(ms, this.#engine, `${this.name}: ${what}`, call);
  }
}

const keyOf = ({ taskRunId, claim }: { taskRunId: number; claim: number }): string => `${taskRunId}/${claim}`;

const label = ({ assignment }: Pick<Held, "assignment">): string =>
  `t${assignment.task}${assignment.mapIndex === null ? "" : `[${assignment.mapIndex}]`} of ${assignment.runId.slice(-2)} (${keyOf(assignment)})`;

const DEAD: ErrorData = { name: "WorkerLost", code: "WORKER_LOST", message: "the worker died" };
const SILENT: ErrorData = { name: "WorkerLost", code: "WORKER_LOST", message: "the worker was not heard of" };
const CLOSED: ErrorData = { name: "WorkerClosed", code: "WORKER_CLOSED", message: "the worker was closed" };
