import { isEndedRun } from "../../src/core/run-state.ts";
import type { WorkflowManifest } from "../../src/core/manifest.ts";
import { spanOf, windowKey } from "../../src/core/schedule-cursor.ts";
import { cancelHeld } from "../../src/engine/firing/cancel-held.ts";
import { engineStarter } from "../../src/engine/firing/engine-starter.ts";
import { Firing } from "../../src/engine/firing/firing.ts";
import type { RunStarter } from "../../src/engine/firing/run-starter.ts";
import { RUNS_CHANNEL } from "../../src/engine/wake-up-channels.ts";
import type { ScheduleDecision, ScheduleDecisionResult } from "../../src/store/schedules.ts";
import type { SqliteStore } from "../../src/store/sqlite/sqlite-store.ts";
import { sampleGroup, sampleRunId, T0 } from "../../src/testing/store-samples.ts";
import { Dice } from "./dice.ts";
import type { SimEngine } from "./sim-engine.ts";
import type { World } from "./world.ts";

/** What must hold of schedules, beside the invariants that look at runs. */
export const SCHEDULE_FACTS = {
  once: "every window is decided once, none is left out, and it has one run or none",
  forward: "a cursor only goes forward",
  paused: "a paused workflow starts nothing",
  room: "never more runs of windows at work than maxActiveRuns",
  outcome: "the outcome of a window is that of its run",
} as const;

const WORKFLOW = "flow0";
const FIRST_RUN = 100;
/** Windows end here: then everything that was due has been decided, whoever was paused, dead or wrong about the time. */
const END_MS = 60_000;
const LATE_MS = 800_000;

/**
 * One workflow of a world has a schedule, and somebody who pauses it. It has dice of its own: a world without schedules stays the one
 * that its seed says.
 */
export class SimSchedules {
  readonly #world: World;
  readonly #dice: Dice;
  readonly #everyMs: number;
  readonly #catchup: boolean;
  readonly #limits: Pick<WorkflowManifest, "maxActiveRuns" | "overlap">;
  #runs = FIRST_RUN;
  #reached = -Infinity;
  #paused = false;
  #everPaused = false;
  #pending = 0;

  constructor(world: World, seed: number) {
    this.#world = world;
    this.#dice = new Dice(seed + 1_000_003);
    this.#everyMs = this.#dice.pick([5_000, 10_000, 20_000]);
    this.#catchup = this.#dice.chance(0.4);
    const overlap = this.#dice.pick(["queue", "skip", "cancel_running"] as const);
    const limited = this.#dice.chance(0.5);
    this.#limits = limited ? { maxActiveRuns: 1 + this.#dice.below(2), ...(overlap !== "queue" && { overlap }) } : {};
  }

  /** The same workflow, scheduled. Among several, whoever makes way may be another's: that is not played. */
  scheduled(manifest: WorkflowManifest): WorkflowManifest {
    const { maxActiveRuns, overlap } = this.#limits;
    return {
      ...manifest,
      schedules: [
        { name: "schedule", kind: "every", everyMs: this.#everyMs, anchor: new Date(T0 / 1000).toISOString() },
      ],
      start: new Date(T0 / 1000).toISOString(),
      end: new Date(T0 / 1000 + END_MS).toISOString(),
      ...(this.#catchup && { catchup: true }),
      ...(maxActiveRuns !== undefined && { maxActiveRuns }),
      ...(overlap !== undefined && !(overlap === "cancel_running" && this.#world.database) && { overlap }),
    };
  }

  firing(engine: SimEngine): Firing {
    const { clock, database } = this.#world;
    return new Firing({
      store: engine.store,
      // Among several, each goes by the database's time.
      clock: clock.engineClock(database ? new Unskewed(engine) : engine),
      starter: database ? sharedStarter(engine) : engineStarter(engine.engine),
      newId: () => sampleRunId(this.#runs++),
      notice: (text) => this.#world.note(engine.name, text),
      onFired: ({ runId }) => this.#world.note(engine.name, `fires run ${runId.slice(-2)}`),
      ...(database && { readEveryMs: 5_000 }),
    });
  }

  /** Somebody pauses the workflow, and unpauses it. */
  begin(): void {
    const { clock, user } = this.#world;
    for (let pauses = this.#dice.below(3); pauses > 0; pauses--) {
      const from = this.#dice.between(0, 20_000);
      clock.after(from, user, "pauses the schedule", () => this.#set(true));
      clock.after(from + this.#dice.between(500, 15_000), user, "unpauses the schedule", () => this.#set(false));
    }
  }

  /** Until somebody answers: each is asked for until it is known to be done. */
  #set(paused: boolean): void {
    const { clock, user, engine } = this.#world;
    this.#pending++;
    const again = (): void => {
      this.#pending--;
      clock.after(400, user, "asks again", () => this.#set(paused));
    };
    if (!engine?.serves) return again();
    const release = engine.onDeath(again);
    const { schedules } = engine.store;
    (paused ? schedules.pause(WORKFLOW, "user") : schedules.unpause(WORKFLOW)).then(
      () => {
        release();
        this.#pending--;
        // A pause that was asked for before and comes late ends all the same.
        if (paused) clock.after(15_000, user, "unpauses the schedule", () => this.#set(false));
        engine.firing?.changed([WORKFLOW]);
      },
      () => {
        release();
        if (engine.alive) again();
      },
    );
  }

  /** The store has paused or unpaused it. */
  async turned(paused: boolean, store: SqliteStore): Promise<void> {
    this.#paused = paused;
    this.#everPaused ||= paused;
    // It was decided about beyond the present, and begins anew.
    const [record] = await store.schedules.list([WORKFLOW]);
    if (record?.cursor === null) this.#reached = -Infinity;
  }

  /** Decided and durable: what the other invariants know of runs is told to them. */
  async decided(
    store: SqliteStore,
    decisions: readonly ScheduleDecision[],
    results: readonly ScheduleDecisionResult[],
    by: string,
  ): Promise<void> {
    for (const [place, { applied, runs }] of results.entries()) {
      const { cursor, windows } = decisions[place]!;
      const fresh = windows.flatMap(({ run }) => (run && runs.includes(run.id) && !this.#isKnown(run.id) ? [run] : []));
      if (fresh.length > 0 && this.#paused) this.#fail("paused", `${fresh.length} runs were made for it`);
      if (applied && (fresh.length > 0 || runs.length === 0)) {
        const { end } = spanOf(cursor);
        if (end < this.#reached) this.#fail("forward", `it goes back to ${cursor.end}`);
        this.#reached = end;
      }
      const groups = fresh.map((run) => sampleGroup(run.id, 0, { create: run }));
      await this.#world.committed(
        store,
        groups,
        groups.map(() => ({ applied: true, ids: [] })),
        { name: by, zombie: false },
      );
    }
    await this.looksForRoom(store);
  }

  /** What a person has opened again asks for no room, and takes it from those that are let in after it. */
  async looksForRoom(store: SqliteStore, admitted: readonly string[] = []): Promise<void> {
    const { maxActiveRuns } = this.#limits;
    if (maxActiveRuns === undefined) return;
    const active = (await store.schedules.activeRuns(WORKFLOW)).filter(({ held }) => !held);
    const counted = admitted.length > 0 ? active : active.filter(({ id }) => !this.#world.user.hasOpened(id));
    if (counted.length > maxActiveRuns) this.#fail("room", `${counted.length} are, of ${maxActiveRuns}`);
  }

  /** What there is still to do. */
  get busy(): string[] {
    // Paused before anything was decided, and until all was over, it decides nothing; by then every clock has come to the end.
    const over = this.#everPaused && this.#reached === -Infinity && this.#world.clock.now > T0 + LATE_MS * 1000;
    const undecided = !over && this.#reached < T0 / 1000 + END_MS;
    const unfinished = [...this.#world.recorded.runs].filter(([, { run }]) => !isEndedRun(run.state));
    return [
      ...(undecided ? ["windows are to come"] : []),
      ...(this.#pending > 0 || this.#paused ? ["it is paused"] : []),
      ...unfinished.map(([id]) => `run ${id.slice(-2)} of a window has not ended`),
    ];
  }

  async atTheEnd(store: SqliteStore): Promise<void> {
    const query = { workflow: WORKFLOW, schedule: "schedule", from: 0, to: T0 * 2, limit: 10_000 };
    const windows = await store.schedules.windows(query);
    const { runs } = this.#world.recorded;
    const keys = new Set(windows.map((window) => windowKey("schedule", window)));
    const ofWindows = windows.flatMap(({ runId }) => (runId === null ? [] : [runId]));
    const made = [...runs].flatMap(([id, { run }]) => (run.trigger === "schedule" ? [id] : []));
    if (keys.size < windows.length || new Set(ofWindows).size < ofWindows.length)
      this.#fail("once", "a window is there twice");
    if (made.length !== ofWindows.length || made.some((id) => !ofWindows.includes(id)))
      this.#fail("once", `runs ${made.join()} were made, windows have ${ofWindows.join()}`);
    const spans = windows.map(spanOf);
    const gap = spans.find(({ start }, place) => place > 0 && start !== spans[place - 1]!.end);
    if (gap !== undefined) this.#fail("once", `a window before ${new Date(gap.start).toISOString()} is left out`);
    // Paused before anything was decided, it begins when it is unpaused.
    if (!this.#everPaused && spans[0]?.start !== T0 / 1000) this.#fail("once", "the first window is left out");
    if (spans.at(-1)?.end !== T0 / 1000 + END_MS && !this.#everPaused)
      this.#fail("once", "the last window is left out");
    for (const { runId, lastOutcome } of windows)
      if (runId !== null && runs.get(runId)?.run.state !== lastOutcome)
        this.#fail("outcome", `run ${runId} is ${runs.get(runId)?.run.state}, and its window says ${lastOutcome}`);
  }

  #isKnown(runId: string): boolean {
    return this.#world.recorded.runs.has(runId);
  }

  #fail(fact: keyof typeof SCHEDULE_FACTS, what: string): void {
    this.#world.fail(SCHEDULE_FACTS[fact], what);
  }
}

/** Of one of several: what it does not hold, others do. */
export const sharedStarter = ({ engine, store, wakeUps }: SimEngine): RunStarter => ({
  get scheduler() {
    return engine.scheduler;
  },
  parse: (version, params) => engine.parse(version, params),
  ask: (version, question) => engine.askTrigger(version, question),
  begin: (run, version) => engine.begin(run, version),
  async take() {
    wakeUps!.notify(RUNS_CHANNEL);
    engine.look();
  },
  cancel: async (runId) => void (await cancelHeld(store, runId, T0)),
});

/** An engine as it would be with a clock that is right. */
export class Unskewed {
  readonly skew = 0;
  readonly #engine: SimEngine;
  constructor(engine: SimEngine) {
    this.#engine = engine;
  }
  get name(): string {
    return this.#engine.name;
  }
  get alive(): boolean {
    return this.#engine.alive;
  }
  get pausedUntil(): number {
    return this.#engine.pausedUntil;
  }
}
