import type { ErrorData } from "../../src/core/errors.ts";
import type { HostListener, WorkerHost } from "../../src/engine/worker-host.ts";
import type {
  AbortReason,
  AlertCall,
  Assignment,
  Finished,
  Outcome,
  ParsedParams,
  RunInfo,
} from "../../src/runtime/protocol.ts";
import { encodeValue } from "../../src/core/value-codec.ts";
import { outcomeOf } from "./outcomes.ts";
import type { SimAsk, SimBody } from "./sim-body.ts";
import type { SimCache } from "./sim-cache.ts";
import { CLOSED, DEAD, type Held, isOfTheStore, keyOf, label, type Message, SILENT } from "./sim-held.ts";
import type { SimEngine } from "./sim-engine.ts";
import type { World } from "./world.ts";
import { bodyOf } from "./world-parts.ts";

/** How long nobody hears of a worker before somebody else says that it is lost. */
const LEASE_MS = 15_000;

/** Where tasks run: for a while, with an end that the seed knows, and with messages that get lost, come late, twice or out of order. */
export class SimHost implements WorkerHost {
  readonly name: string;
  readonly slots: number;
  readonly processes = 2;
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

  reserve(): () => void {
    return () => {};
  }

  listen(listener: HostListener): void {
    this.#listener = listener;
  }

  openRun({ runId, cause }: RunInfo): void {
    this.#world.opened(runId, cause ?? null);
    this.#runs.set(runId, new Map());
  }

  forgetRun(runId: string): void {
    this.#runs.delete(runId);
  }

  share(runId: string, key: string, text: string): void {
    this.#runs.get(runId)?.set(key, text);
  }

  start(tasks: readonly Assignment[]): void {
    for (const assignment of tasks)
      this.#begin({ assignment, aborted: false, recorded: assignment.claim === 1 ? [] : null });
  }

  abort(taskRunId: number, claim: number, reason: AbortReason): void {
    const held = this.#held.get(keyOf({ taskRunId, claim }));
    if (!held || held.aborted) return;
    held.aborted = true;
    const { dice } = this.#world;
    if (dice.chance(0.3)) return;
    this.#after(dice.between(1, 2_000), `${label(held)} stops`, () =>
      this.#tell(held, reason === "shutdown" ? this.#lost(held, CLOSED) : this.#result(held, { state: "cancelled" })),
    );
  }

  async parseParams(): Promise<ParsedParams> {
    return { ok: true, params: null, lists: null };
  }

  tell(call: AlertCall): Promise<ErrorData | null> {
    return this.#world.parts.alerts!.tell(this.#engine, call);
  }

  async askTrigger(): Promise<never> {
    throw new Error("no trigger of a world has a function");
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
    if (held.recorded === null) this.#readSteps(held);
    if (this.#world.parts.flows?.isFlow(assignment.runId) && assignment.mapIndex !== null) this.#readInput(assignment);
    const { dice, plan } = this.#world;
    const isSlow = plan.strikesNow("taskIsSlow") || this.#world.parts.resources?.takesLong(assignment);
    const ms = isSlow ? dice.between(2_000, 20_000) : dice.between(0, 800);
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
    const { plan, parts } = this.#world;
    const body = bodyOf(parts, held.assignment);
    if (body) return this.#endBody(held, body);
    if (parts.cache?.caches(held.assignment)) return this.#endCaching(held, parts.cache);
    const waits = held.recorded !== null && plan.strikesNow("taskWaits");
    this.#ended(held, waits ? this.#waiting(held, held.recorded ?? []) : this.#finished(held));
  }

  /** A body does what follows from what it recorded, and from what has happened meanwhile. */
  #endBody(held: Held, body: SimBody): void {
    const { taskRunId, claim } = held.assignment;
    const again = () => this.#after(200, `${label(held)} looks again`, () => this.#end(held));
    if (held.recorded === null) {
      this.#readSteps(held);
      return again();
    }
    const ask: SimAsk = async (drawer, question) =>
      JSON.parse((await this.#listener?.drawer(taskRunId, claim, drawer, JSON.stringify(question))) ?? "");
    body.next(held.assignment, held.recorded, ask, this.#now).then(
      (next) => {
        if (this.#held.get(keyOf(held.assignment)) === held)
          this.#ended(held, next === null ? this.#finished(held) : this.#result(held, next));
      },
      // It can't be read just now; or its claim is over, and what it says counts no more.
      (error: Error) => (isOfTheStore(error) ? again() : this.#tell(held, this.#lost(held, CLOSED))),
    );
  }

  /** Where its code would succeed, it asks for a value first. */
  #endCaching(held: Held, cache: SimCache): void {
    const made = this.#outcome(held);
    if (made.state !== "succeeded") return this.#ended(held, this.#result(held, made));
    cache.end(held.assignment, made, this.#listener, this.#now).then(
      (outcome) => this.#held.get(keyOf(held.assignment)) === held && this.#ended(held, this.#result(held, outcome)),
      (error: Error) => {
        // The claim is over: what it made is all that it can say, and nobody counts it.
        if (!isOfTheStore(error)) return this.#ended(held, this.#result(held, made));
        this.#after(200, `${label(held)} looks again`, () => this.#end(held));
      },
    );
  }

  #ended(held: Held, over: Message): void {
    const { plan, dice } = this.#world;
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
    return this.#result(held, this.#outcome(held));
  }

  #outcome({ assignment }: Held): Outcome {
    const { recorded, outcomes } = this.#world;
    const { graph } = recorded.version(assignment.runId);
    const generation = recorded.taskRun(assignment.taskRunId)?.generation ?? 0;
    const outcome = outcomeOf(graph, outcomes, assignment, generation);
    const { taskRunId, claim } = assignment;
    const workflow = recorded.version(assignment.runId).record.workflow;
    const events = this.#world.parts.events?.emittedBy(workflow, taskRunId, claim) ?? [];
    return outcome.state === "succeeded" && events.length > 0 ? { ...outcome, events } : outcome;
  }

  /** It gives its slot back, with up to two more lines recorded. */
  #waiting(held: Held, recorded: readonly string[]): Message {
    const { taskRunId, claim } = held.assignment;
    const { dice } = this.#world;
    const dueAt = this.#now + Math.floor(dice.between(0, 8_000)) * 1000;
    const steps = Array.from({ length: dice.below(3) }, (_, more) => {
      const place = recorded.length + more;
      return { key: String(place).padStart(6, "0"), value: `${taskRunId}/${claim}/${place}` };
    });
    this.#world.steps.said(taskRunId, claim, steps);
    return this.#result(held, { state: "deferred", until: { kind: "sleep", dueAt }, steps });
  }

  #readSteps(held: Held): void {
    const { taskRunId, claim } = held.assignment;
    this.#listener?.drawer(taskRunId, claim, "steps", "").then(
      (text) => {
        held.recorded = JSON.parse(text ?? "[]") as string[];
        this.#world.steps.read(taskRunId, claim, held.recorded);
      },
      // It can't be read just now, or is no longer to be read: then it does not wait this time.
      () => {},
    );
  }

  #readInput(assignment: Assignment): void {
    const { taskRunId, claim } = assignment;
    this.#listener?.drawer(taskRunId, claim, "input", "").then(
      (text) => this.#world.recorded.holds(taskRunId, claim) && this.#world.parts.flows?.read(assignment, text),
      () => {},
    );
  }

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
    // Of several, the word about its end may be on its way to another scheduler, and the row not know it yet.
    const isOver = this.#world.database !== null && !this.#held.has(keyOf(write));
    this.#listener?.drawer(taskRunId, claim, "state", "k", value).then(
      () => this.#world.drawers.acknowledged(write),
      (error: Error) => isOver || isOfTheStore(error) || this.#world.drawers.refused(write, error),
    );
  }

  get #now(): number {
    return this.#world.clock.now + this.#engine.skew;
  }

  #after(ms: number, what: string, call: () => void): void {
    this.#world.clock.after(ms, this.#engine, `${this.name}: ${what}`, call);
  }
}
