import { momentWindow } from "../../src/core/window.ts";
import { isEndedRun, type RunState } from "../../src/core/run-state.ts";
import { sampleRunId } from "../../src/testing/store-samples.ts";
import type { Actor } from "./sim-clock.ts";
import type { SimEngine } from "./sim-engine.ts";
import type { World } from "./world.ts";
import { WORLD_FACTS } from "./world-facts.ts";

/** What an engine may answer to somebody who does not know what happened meanwhile. */
const EXPECTED = new Set(["RUN_ENDED", "RUN_NOT_FOUND", "RUN_NOT_ENDED", "NOTHING_TO_RETRY"]);
const ASK_AGAIN = new Set([
  "RUN_HELD_ELSEWHERE",
  "STORE_FULL",
  "STORE_BUSY",
  "STORE_IO_ERROR",
  "STORE_UNREACHABLE",
  "STORE_DAMAGED",
]);

const MAX_RETRIES = 2;

/** Somebody who submits runs, cancels and retries them at random moments, and believes what is answered. */
export class SimUser implements Actor {
  readonly name = "user";
  readonly alive = true;
  readonly submitted: string[] = [];
  /** Runs that it has asked for, or will. */
  readonly wanted: string[] = [];
  /** Runs that it has asked to cancel. */
  readonly unwanted = new Set<string>();
  /** Who still waits to be told that a run has ended, on an engine that lives. */
  readonly waiting = new Map<object, { readonly engine: SimEngine; readonly runId: string }>();
  readonly #world: World;
  readonly #retries = new Map<string, number>();

  constructor(world: World) {
    this.#world = world;
  }

  /** Whether it has asked that this run be opened again, and it was. */
  hasOpened(id: string): boolean {
    return this.#retries.has(id) && (this.#world.recorded.runs.get(id)?.run.generation ?? 1) > 1;
  }

  /** Plans a few runs, and what will be done to them. */
  begin(): void {
    const { dice, clock, parts } = this.#world;
    const { schedules, backfills, events, sources, resources, cache, calls, limits } = parts;
    const moreRuns = (cache ?? calls ?? limits)?.moreRuns ?? 0;
    schedules?.begin();
    backfills?.begin();
    events?.begin();
    sources?.begin();
    for (let runs = 1 + dice.below(4) + moreRuns; runs > 0; runs--) {
      const id = sampleRunId(runs);
      this.wanted.push(id);
      const againMs = cache?.againMs();
      if (againMs) clock.after(againMs, this, `wants run ${id.slice(-2)} again`, () => this.retry(id));
      clock.after(dice.between(0, 6_000), this, `wants run ${id.slice(-2)}`, () => this.#submit(id));
      if (dice.chance(0.3))
        clock.after(dice.between(0, 9_000), this, `wants no run ${id.slice(-2)}`, () => this.cancel(id));
      const unwantedAfterMs = resources?.unwantedAfterMs() ?? null;
      if (unwantedAfterMs !== null)
        clock.after(unwantedAfterMs, this, `wants no run ${id.slice(-2)}`, () => this.cancel(id));
      if (dice.chance(0.1))
        clock.after(dice.between(0, 9_000), this, `wants run ${id.slice(-2)} again`, () => this.retry(id));
    }
  }

  resume(engine: SimEngine, id: string): void {
    void this.#ask(
      engine,
      id,
      () => engine.engine.resume(id),
      () => this.#follow(engine, id),
      () => engine.serves && this.resume(engine, id),
    );
  }

  /** Asks a store until it answers. */
  async patiently<T>(engine: SimEngine, ask: () => Promise<T>): Promise<T> {
    for (;;) {
      try {
        return await ask();
      } catch {
        await new Promise<void>((resolve) => this.#world.clock.after(200, engine, "asks again", resolve));
      }
    }
  }

  /** The same run is asked for until somebody says that it is recorded: its id makes it one run. */
  #submit(id: string): void {
    const again = (): void =>
      void this.#world.clock.after(300, this, `asks again for run ${id.slice(-2)}`, () => this.#submit(id));
    const { engine } = this.#world;
    if (!engine?.serves) return again();
    if (!this.submitted.includes(id)) this.submitted.push(id);
    const submit = async (): Promise<void> => {
      const known = engine.engine.liveRuns.includes(id) || (await engine.store.loadRun(id)) !== null;
      if (known) return this.#world.database ? undefined : engine.engine.resume(id);
      const version = this.#world.versionFor(id);
      await engine.engine.submit({
        id,
        version,
        window: momentWindow(this.#world.clock.now),
        trigger: "manual",
        fresh: this.#isFresh(id, 1),
      });
    };
    const done = (): void => {
      if (!this.#world.recorded.runs.has(id))
        this.#world.fail(WORLD_FACTS.promised, `run ${id} was accepted and is not recorded`);
      this.#follow(engine, id);
    };
    void this.#ask(engine, id, submit, done, again);
  }

  cancel(id: string): void {
    this.unwanted.add(id);
    const { engine, recorded } = this.#world;
    if (!engine?.serves) return;
    const generation = recorded.runs.get(id)?.run.generation ?? 0;
    const done = (): void => {
      const run = recorded.runs.get(id)?.run;
      const kept = run && (run.cancelRequested || isEndedRun(run.state) || run.generation > generation);
      if (!kept) this.#world.fail(WORLD_FACTS.promised, `run ${id} was cancelled and nothing of it is recorded`);
    };
    void this.#ask(
      engine,
      id,
      () => engine.engine.cancel(id),
      done,
      () => this.#world.database && this.cancel(id),
    );
  }

  retry(id: string): void {
    const { engine, recorded, parts } = this.#world;
    // Opened by hand, the run of a window asks for no room: then nobody could say what the limits are.
    if (parts.backfills && !this.wanted.includes(id)) return;
    const retries = this.#retries.get(id) ?? 0;
    if (!engine?.serves || retries >= MAX_RETRIES) return;
    this.#retries.set(id, retries + 1);
    const generation = recorded.runs.get(id)?.run.generation ?? 0;
    const done = (): void => {
      const now = recorded.runs.get(id)?.run.generation ?? 0;
      if (now <= generation)
        this.#world.fail(WORLD_FACTS.promised, `run ${id} was retried and is still in generation ${now}`);
      this.#follow(engine, id);
    };
    void this.#ask(
      engine,
      id,
      () => engine.engine.retry(id, { fresh: this.#isFresh(id, 2) }),
      done,
      () => {},
    );
  }

  /** All retries of a run are alike: of two that cross nobody could say which one counted. */
  #isFresh(id: string, generation: number): boolean {
    if (!this.#world.parts.cache?.isFresh(id, generation)) return false;
    for (let next = 2; next <= 1 + MAX_RETRIES; next++) this.#world.recorded.fresh.add(`${id}/${next}`);
    return true;
  }

  #follow(engine: SimEngine, runId: string): void {
    const waiter = {};
    this.waiting.set(waiter, { engine, runId });
    const release = engine.onDeath(() => this.waiting.delete(waiter));
    const over = (): void => {
      release();
      this.waiting.delete(waiter);
    };
    engine.engine.ended(runId).then(
      (state) => {
        over();
        if (engine.serves) this.#hears(runId, state);
      },
      // Its engine has given up, or could not read: whoever asked goes to the next one.
      over,
    );
  }

  #hears(runId: string, state: RunState): void {
    const { dice, clock, recorded, plan } = this.#world;
    const run = recorded.runs.get(runId)?.run;
    this.#world.note(this.name, `hears that run ${runId.slice(-2)} has ${state}`);
    if (isEndedRun(state) && run?.state !== state && run?.generation === 1) {
      this.#world.fail(WORLD_FACTS.promised, `run ${runId} is said to have ${state}, and is recorded as ${run.state}`);
    }
    if (plan.calm || state === "succeeded" || !dice.chance(0.5)) return;
    clock.after(dice.between(0, 3_000), this, `wants run ${runId.slice(-2)} again`, () => this.retry(runId));
  }

  async #ask(
    engine: SimEngine,
    id: string,
    ask: () => Promise<void>,
    done: () => void,
    again: () => void,
  ): Promise<void> {
    const release = engine.onDeath(again);
    try {
      await ask();
      release();
      if (engine.alive) done();
    } catch (error) {
      release();
      if (!engine.alive) return;
      const code = (error as { code?: string }).code ?? "";
      this.#world.note(this.name, `is told about run ${id.slice(-2)}: ${code}`);
      if (ASK_AGAIN.has(code)) this.#world.clock.after(250, this, "thinks", again);
      else if (!EXPECTED.has(code)) this.#world.fail(WORLD_FACTS.named, String((error as Error).stack));
    }
  }
}
