import type { GivenEvent } from "../../src/core/event.ts";
import type { WorkflowManifest } from "../../src/core/manifest.ts";
import { isEndedRun } from "../../src/core/run-state.ts";
import type { Cause } from "../../src/core/event.ts";
import { engineStarter } from "../../src/engine/firing/engine-starter.ts";
import { Events } from "../../src/engine/events/events.ts";
import type { EventBatch, EventBatchResult, EventRecord } from "../../src/store/events.ts";
import type { SqliteStore } from "../../src/store/sqlite/sqlite-store.ts";
import { sampleGroup, sampleRunId } from "../../src/testing/store-samples.ts";
import { Dice } from "./dice.ts";
import type { SimEngine } from "./sim-engine.ts";
import { sharedStarter } from "./sim-schedules.ts";
import type { World } from "./world.ts";

/** What must hold of events, beside the invariants that look at runs. */
export const EVENT_FACTS = {
  once: "of events with one key exactly one run is started, and exactly one of each event without a key",
  said: "what a task emits is recorded exactly once with its success, and what was not said never",
  delivered: "every event is delivered",
  ends: "every end of a run that is followed starts exactly one run",
  assets: "an update of an asset is part of one run at most, and none is lost",
} as const;

/** Its runs are started by events, and emit nothing. */
const HEARS = "flow0";
/** Its runs are started by users, and emit. */
const SPEAKS = "flow1";
const FIRST_RUN = 500;
const KEYS = ["k1", "k2", "k3"];

/**
 * One workflow of a world hears of what users and the tasks of the other one emit, of its assets and of its ends. It has dice of its own: a
 * world without events stays the one that its seed says.
 */
export class SimEvents {
  readonly #world: World;
  readonly #dice: Dice;
  readonly #seed: number;
  #runs = FIRST_RUN;
  #emitted = 0;
  #pending = 0;

  constructor(world: World, seed: number) {
    this.#world = world;
    this.#seed = seed;
    this.#dice = new Dice(seed + 2_000_003);
  }

  hearing(manifest: WorkflowManifest): WorkflowManifest {
    if (manifest.name !== HEARS) return manifest;
    const limited = this.#dice.chance(0.3);
    const { sources } = this.#world.parts;
    return {
      ...manifest,
      ...(limited && { maxActiveRuns: 1 + this.#dice.below(2) }),
      ...(sources?.catchup && { catchup: true as const }),
      triggers: [
        { name: "orders", kind: "event", event: "orders", dedupeForMs: 604_800_000 },
        { name: "assets", kind: "asset", assets: { all: [{ asset: "a" }, { asset: "b" }] } },
        { name: "ends", kind: "run", workflow: SPEAKS, end: "ended" },
        ...(sources?.triggers ?? []),
      ],
    };
  }

  events(engine: SimEngine): Events {
    const { clock, database, parts } = this.#world;
    const { people, sources } = parts;
    return new Events({
      store: engine.store,
      clock: clock.engineClock(engine),
      starter: database ? sharedStarter(engine) : engineStarter(engine.engine),
      newId: () => sampleRunId(this.#runs++),
      notice: (text) => this.#world.note(engine.name, text),
      onStarted: ({ runId, schedule }) => this.#world.note(engine.name, `${schedule} starts run ${runId.slice(-3)}`),
      ...(sources && { onKnown: (known) => engine.sources?.follow(known) }),
      ...(people && { onEmitted: () => engine.emitted() }),
      ...(database && { readEveryMs: 5_000 }),
    });
  }

  /** What a task of this claim emits when it succeeds: the same whoever asks. */
  emittedBy(workflow: string, taskRunId: number, claim: number): readonly GivenEvent[] {
    if (workflow !== SPEAKS) return [];
    const dice = new Dice(this.#seed + taskRunId * 31 + claim * 7);
    return Array.from({ length: dice.below(3) }, () => {
      const payload = JSON.stringify({ n: dice.below(1_000) });
      const kind = dice.pick(["event", "asset"] as const);
      const name = kind === "event" ? "orders" : dice.pick(["a", "b"]);
      const key = kind === "event" && dice.chance(0.5) ? dice.pick(KEYS) : null;
      return { kind, name, payload, key, partition: null };
    });
  }

  /** Somebody emits events, some of them with one key. */
  begin(): void {
    const { clock, user } = this.#world;
    for (let events = 2 + this.#dice.below(5); events > 0; events--) {
      const uid = `given ${++this.#emitted}`;
      const key = this.#dice.chance(0.6) ? this.#dice.pick(KEYS) : null;
      this.#pending++;
      clock.after(this.#dice.between(0, 20_000), user, `emits ${uid}`, () => this.#emit(uid, key));
    }
  }

  /** The same event is emitted until somebody says that it is recorded. */
  #emit(uid: string, key: string | null): void {
    const { clock, user, engine } = this.#world;
    const again = (): void => void clock.after(300, user, `emits ${uid} again`, () => this.#emit(uid, key));
    if (!engine?.serves || !engine.events) return again();
    const release = engine.onDeath(again);
    const event: GivenEvent = { kind: "event", name: "orders", payload: JSON.stringify({ uid }), key, partition: null };
    engine.events.publish(uid, event).then(
      () => {
        release();
        if (engine.alive) this.#pending--;
      },
      (error) => {
        release();
        this.#world.note("user", `is told about ${uid}: ${String(error)}`);
        if (engine.alive) again();
      },
    );
  }

  /** Recorded and durable: what the other invariants know of runs is told to them. */
  async recorded(
    store: SqliteStore,
    { starts }: EventBatch,
    { starts: results }: EventBatchResult,
    scheduler: number | undefined,
    by: string,
  ): Promise<void> {
    const { database, recorded } = this.#world;
    const made = results.flatMap(({ outcome, held }, place) => {
      const { run } = starts[place]!;
      return outcome === "started" && run !== null && !recorded.runs.has(run.id) ? [{ run, held }] : [];
    });
    for (const { run, held } of made) if (!held) database?.given(run.id, scheduler);
    const groups = made.map(({ run }) => sampleGroup(run.id, 0, { create: run }));
    const applied = groups.map(() => ({ applied: true, ids: [] }));
    await this.#world.committed(store, groups, applied, { name: by, zombie: false });
  }

  /** What there is still to do. */
  get busy(): string[] {
    const { recorded, connection } = this.#world;
    const waiting = connection.all(PENDING).length;
    const unfinished = [...recorded.runs].filter(([, { run }]) => !isEndedRun(run.state));
    return [
      ...(this.#pending > 0 ? [`${this.#pending} events are not emitted yet`] : []),
      ...(waiting > 0 ? [`${waiting} events are not delivered`] : []),
      ...unfinished.map(([id]) => `run ${id.slice(-3)} has not ended`),
    ];
  }

  async atTheEnd(store: SqliteStore): Promise<void> {
    const all = (await store.events.recent({ limit: 100_000 })).toReversed();
    if ((await store.events.pending(1)).length > 0) this.#fail("delivered", "one is pending");
    const causes = [...this.#world.recorded.runs.values()].flatMap(({ run }) =>
      run.cause ? [JSON.parse(run.cause) as Cause] : [],
    );
    const startedBy = (trigger: string) => causes.filter((cause) => cause.trigger === trigger);
    this.#judgeKeys(
      all.filter(({ kind }) => kind === "event"),
      startedBy("orders"),
    );
    this.#judgeSaid();
    this.#judgeEnds(all, startedBy("ends"));
    this.#judgeAssets(
      all.filter(({ kind }) => kind === "asset"),
      startedBy("assets"),
    );
  }

  #judgeKeys(events: readonly EventRecord[], causes: readonly Cause[]): void {
    const wanted = new Set(events.map(({ key }) => key ?? "")).size - (events.some(({ key }) => key === null) ? 1 : 0);
    const loose = events.filter(({ key }) => key === null).length;
    const keys = causes.flatMap(({ events: [first] }) => (first?.key ? [first.key] : []));
    if (new Set(keys).size !== keys.length) this.#fail("once", `keys ${keys.join()} have started runs`);
    if (keys.length !== wanted) this.#fail("once", `${wanted} keys were emitted, ${keys.length} have started a run`);
    if (causes.length - keys.length !== loose)
      this.#fail("once", `${loose} events without a key have started ${causes.length - keys.length} runs`);
  }

  /** By the history of attempts: which successes were recorded. */
  #judgeSaid(): void {
    const { recorded, connection } = this.#world;
    const wanted = [...recorded.runs.values()].flatMap(({ run, attempts }) =>
      attempts.flatMap(({ taskRunId, claim, outcome }) =>
        outcome === "succeeded" && claim > 0
          ? this.emittedBy(run.workflow, taskRunId, claim).map(
              (_, place) => `task ${taskRunId} ${claim} ${String(place).padStart(6, "0")}`,
            )
          : [],
      ),
    );
    const said = connection.all<{ uid: string }>(SAID).map(({ uid }) => uid);
    const lost = wanted.filter((uid) => !said.includes(uid));
    const invented = said.filter((uid) => !wanted.includes(uid));
    if (lost.length > 0) this.#fail("said", `${lost.join()} are not there`);
    if (invented.length > 0) this.#fail("said", `${invented.join()} are there`);
  }

  #judgeEnds(all: readonly EventRecord[], causes: readonly Cause[]): void {
    const ends = all.filter(({ kind }) => kind === "run");
    const ran = [...this.#world.recorded.runs.values()].filter(({ run }) => run.workflow === SPEAKS);
    const wanted = ran.reduce((sum, { run }) => sum + run.generation, 0);
    if (ends.length !== wanted) this.#fail("ends", `${wanted} ends are ${ends.length} events`);
    if (causes.length !== wanted) this.#fail("ends", `${wanted} ends have started ${causes.length} runs`);
  }

  #judgeAssets(updates: readonly EventRecord[], causes: readonly Cause[]): void {
    const used = causes.flatMap(({ events }) =>
      events.map(({ name, at, payload }) => JSON.stringify([name, at, payload])),
    );
    const known = updates.map(({ name, at, payload }) => JSON.stringify([name, at, JSON.parse(payload ?? "null")]));
    const count = (list: readonly string[], one: string) => list.filter((each) => each === one).length;
    const twice = used.find((one) => count(used, one) > count(known, one));
    if (twice !== undefined) this.#fail("assets", `${twice} is part of more runs than it happened`);
    if (causes.some(({ events }) => events.length !== 2)) this.#fail("assets", "a run was started by one of two");
    const names = new Set(updates.map(({ name }) => name));
    if (names.size === 2 && causes.length === 0) this.#fail("assets", "both were updated, and nothing started");
    // What no run has had yet is less than what starts one.
    const left = this.#world.connection.all<{ asset: string }>(LEFT);
    if (left.length > 1) this.#fail("assets", "both wait for each other");
  }

  #fail(fact: keyof typeof EVENT_FACTS, what: string): void {
    this.#world.fail(EVENT_FACTS[fact], what);
  }
}

const query = (name: string, text: string) => ({ statement: { name, text }, values: [] });
const PENDING = query("simPending", "select id from event where pending = 1");
const SAID = query("simSaid", "select uid from event where uid like 'task %'");
const LEFT = query("simLeft", "select asset from subscription_update");
