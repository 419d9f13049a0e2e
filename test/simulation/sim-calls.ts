import { encodeValue } from "../../src/core/value-codec.ts";
import type { WorkflowManifest } from "../../src/core/manifest.ts";
import { REFUSED_RUN, type RunAsk, type RunEnd } from "../../src/core/run-call.ts";
import { isEndedRun } from "../../src/core/run-state.ts";
import { NEVER, type StepEntry } from "../../src/core/wait.ts";
import { Events } from "../../src/engine/events/events.ts";
import { engineStarter } from "../../src/engine/firing/engine-starter.ts";
import type { Assignment, EmittedSince, Outcome } from "../../src/runtime/protocol.ts";
import { sampleRunId } from "../../src/testing/store-samples.ts";
import { CALL_FAILED } from "./call-failed.ts";
import { Dice } from "./dice.ts";
import type { Commit } from "./invariant.ts";
import type { SimAsk, SimBody } from "./sim-body.ts";
import type { SimEngine } from "./sim-engine.ts";
import { sharedStarter } from "./sim-schedules.ts";
import type { World } from "./world.ts";

/** A run that a task asks for. Of one place in its code, each that follows stands for the one before. */
export interface Call extends RunAsk {
  readonly place: number;
  /** During which attempt it was asked for. */
  readonly during: string;
  readonly mark: string;
}

/** What is known of a call while its end is waited for. */
export interface Heard extends Call {
  readonly end: RunEnd | null;
  readonly refused: boolean;
  /** All that was said up to here has been looked at. */
  readonly upTo: string;
}

/** What a calling task records each time that it asks. */
interface Line {
  /** Calls that follow each other. */
  readonly rounds: number;
  /** What a call fails with, the task does. */
  readonly escapes: boolean;
  readonly calls: readonly Call[];
}

const FIRST_RUN = 700;
/** Runs that are asked for in a world, at most: each has tasks that may call. */
const MOST = 16;
/** It was never deployed. */
const NOWHERE = "nowhere";

/**
 * Tasks of a world that call other workflows and wait for their ends, as `ctx.runWorkflow` does: one or several at once, one round after the
 * other, and again where a try before had no luck. People want neither all of those that wait, nor all that were called.
 */
export class SimCalls implements SimBody {
  readonly #world: World;
  readonly #dice: Dice;
  /** By workflow and place of a task: whom it calls. */
  readonly #calling = new Map<string, readonly string[]>();
  /** All that were ever asked for, by the id of the run, with who asked. */
  readonly calls = new Map<string, { readonly call: Call; readonly taskRunId: number }>();

  constructor(world: World, seed: number) {
    this.#world = world;
    this.#dice = new Dice(seed + 6_000_011);
  }

  /** The first calls both others, the second the third; some call what is not there, or who waits for them. */
  choose({ name, tasks }: WorkflowManifest, place: number): void {
    const callers = Math.max(0, 2 - place) + (this.#dice.chance(0.2) ? 1 : 0);
    const below = [1, 2].filter((other) => other > place).map((other) => `flow${other}`);
    for (let caller = 0; caller < callers; caller++) {
      const others = [...below, ...below, ...below, this.#dice.pick(["flow0", "flow1", NOWHERE])];
      const width = this.#dice.pick([1, 1, 2, 3]);
      const called = Array.from({ length: width }, () => this.#dice.pick(others));
      this.#calling.set(`${name} ${this.#dice.below(tasks.length)}`, called);
    }
  }

  /** Of three workflows one calls nobody. */
  readonly moreRuns = 2;

  /** That a run was started, nobody is told: among all that a store does this is too rare. */
  get answerIsLost(): boolean {
    const { plan } = this.#world;
    return !plan.calm && plan.hasAny && this.#dice.chance(0.15);
  }

  callsFrom({ runId, task }: Assignment): boolean {
    return this.#calling.has(`${this.#world.recorded.version(runId).record.workflow} ${task}`);
  }

  /** Ends of runs are delivered, and start nothing. */
  events(engine: SimEngine): Events {
    const { clock, database } = this.#world;
    return new Events({
      store: engine.store,
      clock: clock.engineClock(engine),
      starter: database ? sharedStarter(engine) : engineStarter(engine.engine),
      newId: () => sampleRunId(FIRST_RUN - 1),
      notice: (text) => this.#world.note(engine.name, text),
      onStarted: () => {},
      onEmitted: () => engine.emitted(),
      ...(database && { readEveryMs: 5_000 }),
    });
  }

  async next(by: Assignment, recorded: readonly string[], ask: SimAsk): Promise<Outcome | null> {
    const lines = recorded.map((line) => JSON.parse(line) as Line);
    const { generation = 0 } = this.#world.recorded.taskRun(by.taskRunId) ?? {};
    const during = `${generation}.${by.attempt}`;
    const latest = new Map(lines.flatMap(({ calls }) => calls.map((call) => [call.place, call] as const)));
    const heard = await Promise.all([...latest.values()].map((call) => this.#look(call, ask)));
    const { rounds, escapes } = lines[0] ?? { rounds: this.#dice.pick([1, 1, 2]), escapes: this.#dice.chance(0.5) };
    const open = heard.filter(({ end, refused }) => !refused && (end === null || !isEndedRun(end.state)));
    const over = heard.filter((call) => !open.includes(call));
    // What failed in an earlier attempt has another chance in this one.
    const again = over.filter((call) => call.during !== during && hasNoValue(call));
    const asks = again.length > 0 ? again : open.length > 0 ? [] : this.#round(latest.size, rounds, by);
    if (asks.length > 0 || open.length > 0) {
      const calls = await this.#asked(asks, { during, taskRunId: by.taskRunId }, ask);
      return this.#waits([...open, ...calls.map((call) => ({ ...call, upTo: call.mark }))], by, {
        line: calls.length > 0 ? { rounds, escapes, calls } : null,
        place: lines.length,
      });
    }
    for (const call of over) this.#world.callFacts?.hears(call);
    return escapes && over.some(hasNoValue) ? CALL_FAILED : null;
  }

  /** Those of the next round; none: it was the last one. */
  #round(known: number, rounds: number, { runId, task }: Assignment): Pick<Call, "place" | "workflow">[] {
    const called = this.#calling.get(`${this.#world.recorded.version(runId).record.workflow} ${task}`) ?? [];
    if (known >= rounds * called.length || (known === 0 && this.calls.size + called.length > MOST)) return [];
    return called.map((workflow, at) => ({ place: known + at, workflow }));
  }

  /** Followed before anybody can start them, so no end is missed. */
  async #asked(
    asks: readonly Pick<Call, "place" | "workflow">[],
    { during, taskRunId }: { readonly during: string; readonly taskRunId: number },
    ask: SimAsk,
  ): Promise<readonly Call[]> {
    const calls: Call[] = [];
    for (const { place, workflow } of asks) {
      await ask("runs", { kind: "follow", workflow });
      const { mark } = await ask<EmittedSince>("events", { name: workflow, after: null });
      // No workflow of a world has params: then it is refused.
      const params = this.#dice.chance(0.05) ? encodeValue({ n: 1 }) : null;
      const call = { id: sampleRunId(FIRST_RUN + this.calls.size), workflow, params, place, during, mark };
      this.calls.set(call.id, { call, taskRunId });
      calls.push(call);
    }
    return calls;
  }

  /** At what was said before at the run: what comes in between brings it back. */
  async #look(call: Call, ask: SimAsk): Promise<Heard> {
    const said = await ask<EmittedSince>("events", { name: call.workflow, after: call.mark });
    const end = await ask<RunEnd | null>("runs", { kind: "end", run: call.id });
    const isRefusal = ({ kind, payload }: EmittedSince["events"][number]) =>
      kind === REFUSED_RUN && (payload as { readonly runId: string }).runId === call.id;
    return { ...call, end, refused: end === null && said.events.some(isRefusal), upTo: said.mark };
  }

  #waits(
    open: readonly (Call & { readonly upTo: string })[],
    { taskRunId, claim }: Assignment,
    { line, place }: { readonly line: Line | null; readonly place: number },
  ): Outcome {
    const steps: StepEntry[] =
      line === null ? [] : [{ key: String(place).padStart(6, "0"), value: JSON.stringify(line) }];
    this.#world.steps.said(taskRunId, claim, steps);
    // Sometimes it is at something else, and comes back at once.
    const dueAt = this.#dice.chance(0.1) ? this.#world.clock.now : NEVER;
    const events = open.map(({ id, workflow, upTo }) => ({ name: workflow, after: upTo, fields: { runId: id } }));
    const runs = open.map(({ id, workflow, params }) => ({ id, workflow, params }));
    return { state: "deferred", until: { kind: "run", dueAt, events, runs }, steps };
  }

  /** People who want neither all that waits nor all that was called, and some of it again. */
  committed({ group: { runId, create, changes }, result }: Commit): void {
    if (!result.applied || this.#world.plan.calm) return;
    if (changes.some((change) => change.kind === "defer" && change.wait.runs) && this.#dice.chance(0.1))
      this.#later(4_000, `wants no run ${runId.slice(-3)}`, () => this.#world.user.cancel(runId));
    if (create === null || !this.calls.has(runId)) return;
    if (this.#dice.chance(0.2))
      this.#later(3_000, `wants no run ${runId.slice(-3)}`, () => this.#world.user.cancel(runId));
    if (this.#dice.chance(0.3))
      this.#later(10_000, `wants run ${runId.slice(-3)} again`, () => this.#world.user.retry(runId));
  }

  #later(withinMs: number, what: string, call: () => void): void {
    const { clock, user } = this.#world;
    clock.after(this.#dice.between(0, withinMs), user, what, call);
  }

  /** What there is still to do. */
  get busy(): string[] {
    const unfinished = [...this.#world.recorded.runs].filter(([, { run }]) => !isEndedRun(run.state));
    const waiting = this.#world.connection.all(PENDING).length;
    return [
      ...unfinished.map(([id]) => `run ${id.slice(-3)} has not ended`),
      ...(waiting > 0 ? [`${waiting} events are not delivered`] : []),
    ];
  }
}

const hasNoValue = ({ end, refused }: Heard): boolean => refused || (end !== null && end.state !== "succeeded");

const PENDING = { statement: { name: "simPendingEnds", text: "select id from event where pending = 1" }, values: [] };
