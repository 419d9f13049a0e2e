import { addMs, type Instant } from "../../src/core/clock.ts";
import { type BackfillAction, isEndedBackfill } from "../../src/core/backfill-state.ts";
import { REPROCESS } from "../../src/core/backfill.ts";
import { planBackfill } from "../../src/core/backfill-plan.ts";
import { toErrorData } from "../../src/core/error-data.ts";
import type { WorkflowManifest } from "../../src/core/manifest.ts";
import { windowKey } from "../../src/core/schedule-cursor.ts";
import { Backfiller } from "../../src/engine/backfill/backfiller.ts";
import { type BackfillStarter, reopenWith } from "../../src/engine/backfill/backfill-starter.ts";
import { engineStarter } from "../../src/engine/firing/engine-starter.ts";
import { RUNS_CHANNEL } from "../../src/engine/wake-up-channels.ts";
import type { BackfillRecord, BackfillStep, BackfillStepResult, NewBackfill } from "../../src/store/backfills.ts";
import type { SqliteStore } from "../../src/store/sqlite/sqlite-store.ts";
import { sampleGroup, sampleRunId, T0 } from "../../src/testing/store-samples.ts";
import { Dice } from "./dice.ts";
import type { SimEngine } from "./sim-engine.ts";
import { Unskewed } from "./sim-schedules.ts";
import type { World } from "./world.ts";

/** What must hold of backfills, beside the invariants that look at runs. */
export const BACKFILL_FACTS = {
  once: "every window of a backfill has exactly one run",
  limits: "never more runs of a backfill at work than its maxActiveRuns",
  still: "a paused or cancelled backfill begins nothing",
  sums: "the counts of a backfill add up to its windows, and say how their runs have ended",
  opened: "what a backfill opens again is opened once",
} as const;

const WORKFLOW = "flow0";
const SCHEDULE = "days";
const FIRST_RUN = 1_000;
const DAY_MS = 86_400_000;
const RESUMES_AFTER_MS = 20_000;

/** Somebody asks for windows of the past of the scheduled workflow, some of them twice, and pauses, resumes and cancels that. */
export class SimBackfills {
  readonly #world: World;
  readonly #dice: Dice;
  readonly #records = new Map<string, BackfillRecord>();
  readonly #wanted = new Set<string>();
  /** How often each run was to be opened again. */
  readonly #opened = new Map<string, number>();
  /** When a user resumes it the last time, as far as is known. */
  readonly #resumesAt = new Map<string, Instant>();
  #runs = FIRST_RUN;
  #pending = 0;

  constructor(world: World, seed: number) {
    this.#world = world;
    this.#dice = new Dice(seed + 2_000_003);
  }

  /** The same workflow with a schedule that has no window while the world lasts. */
  scheduled(manifest: WorkflowManifest): WorkflowManifest {
    const days = { name: SCHEDULE, kind: "preset", preset: "@daily", timezone: "UTC" } as const;
    return { ...manifest, schedules: [...manifest.schedules, days] };
  }

  backfiller(engine: SimEngine): Backfiller {
    const { clock, database } = this.#world;
    return new Backfiller({
      store: engine.store,
      clock: clock.engineClock(database ? new Unskewed(engine) : engine),
      starter: database ? this.#starter(engine) : engineStarter(engine.engine),
      newId: () => sampleRunId(this.#runs++),
      notice: (text) => this.#world.note(engine.name, text),
      ...(database && { readEveryMs: 5_000 }),
    });
  }

  begin(): void {
    const { clock, user } = this.#world;
    for (let count = 1 + this.#dice.below(2); count > 0; count--) {
      const id = `backfill${count}`;
      const from = this.#dice.between(0, 12_000);
      const backfill = this.#asked(id);
      this.#wanted.add(id);
      clock.after(from, user, `asks for ${id}`, () => this.#create(backfill));
      if (this.#dice.chance(0.4)) {
        const at = from + this.#dice.between(0, 8_000);
        clock.after(at, user, `pauses ${id}`, () => this.#turn(id, "pause"));
        clock.after(at + this.#dice.between(500, 8_000), user, `resumes ${id}`, () => this.#turn(id, "resume"));
      }
      if (this.#dice.chance(0.25))
        clock.after(from + this.#dice.between(0, 15_000), user, `cancels ${id}`, () => this.#turn(id, "cancel"));
    }
  }

  /** Two of these overlap. */
  #asked(id: string): NewBackfill {
    const first = 8 + this.#dice.below(3);
    const date = (daysAgo: number): string => new Date(T0 / 1000 - daysAgo * DAY_MS).toISOString().slice(0, 10);
    const { plan, maxActiveRuns, total } = planBackfill(
      this.scheduled({ name: WORKFLOW, schedules: [], tasks: [] } as unknown as WorkflowManifest),
      {
        from: date(first),
        to: date(first - 1 - this.#dice.below(5)),
        schedule: SCHEDULE,
        order: this.#dice.pick(["oldest", "newest"] as const),
        reprocess: this.#dice.pick(REPROCESS),
        version: this.#dice.pick(["same", "latest"] as const),
        maxActiveRuns: 1 + this.#dice.below(3),
      },
      T0,
    );
    return { id, workflow: WORKFLOW, plan, maxActiveRuns, total, versionId: null, createdAt: T0, createdBy: "user" };
  }

  #create(backfill: NewBackfill): void {
    this.#ask(
      (engine) => engine.store.backfills.create(backfill),
      () => this.#create(backfill),
    );
  }

  #turn(id: string, action: BackfillAction): void {
    this.#ask(
      (engine) => engine.store.backfills.turn(id, action, T0),
      () => this.#turn(id, action),
    );
    // A pause that was asked for before and comes late ends all the same.
    if (action === "pause") this.#resumesLater(id);
  }

  #resumesLater(id: string): void {
    const { clock, user } = this.#world;
    this.#resumesAt.set(id, addMs(clock.now, RESUMES_AFTER_MS));
    clock.after(RESUMES_AFTER_MS, user, `resumes ${id}`, () => this.#turn(id, "resume"));
  }

  /** Until somebody answers. */
  #ask(ask: (engine: SimEngine) => Promise<unknown>, askAgain: () => void): void {
    const { clock, user, engine } = this.#world;
    this.#pending++;
    const again = (): void => {
      this.#pending--;
      clock.after(400, user, "asks again", askAgain);
    };
    if (!engine?.serves) return again();
    const release = engine.onDeath(again);
    ask(engine).then(
      () => {
        release();
        this.#pending--;
        engine.backfiller?.changed();
      },
      () => {
        release();
        if (engine.alive) again();
      },
    );
  }

  /** The store has made or turned one. */
  recorded(record: BackfillRecord | null): void {
    if (record === null) return;
    this.#records.set(record.id, record);
    // An engine that stood still asks for the pause after all, when who asked for it has long resumed.
    const isLate = this.#world.clock.now >= (this.#resumesAt.get(record.id) ?? Infinity);
    if (record.state === "paused" && isLate) this.#resumesLater(record.id);
  }

  /** A step is durable: what the other invariants know of runs is told to them. */
  async stepped(store: SqliteStore, step: BackfillStep, result: BackfillStepResult, by: string): Promise<void> {
    const { applied, runs, reopens, after } = result;
    if (!applied || after === null) return;
    const before = this.#records.get(step.id)!;
    const begun = runs.length + reopens.length;
    if (begun > 0 && before.state !== "running") this.#fail("still", `${begun} runs of ${step.id} were begun`);
    if (after.progress.running > after.maxActiveRuns)
      this.#fail("limits", `${after.progress.running} are, of ${after.maxActiveRuns}`);
    this.#records.set(step.id, after);
    for (const runId of reopens) {
      const { generation } = this.#world.recorded.runs.get(runId)!.run;
      this.#opened.set(runId, (this.#opened.get(runId) ?? 0) + 1);
      if (after.plan.reprocess === "all") this.#world.recorded.fresh.add(`${runId}/${generation + 1}`);
    }
    const made = step.windows.flatMap(({ run }) => (runs.includes(run.id) ? [run] : []));
    const groups = made.map((run) => sampleGroup(run.id, 0, { create: run }));
    const results = groups.map(() => ({ applied: true, ids: [] }));
    await this.#world.committed(store, groups, results, { name: by, zombie: false });
    await this.#world.parts.schedules?.looksForRoom(store);
  }

  /** What there is still to do. */
  get busy(): string[] {
    const unended = [...this.#wanted].filter((id) => (this.#records.get(id)?.endedAt ?? null) === null);
    return [
      ...(this.#pending > 0 ? ["somebody waits for an answer about a backfill"] : []),
      ...unended.map((id) => `${id} has not ended`),
    ];
  }

  async atTheEnd(store: SqliteStore): Promise<void> {
    const rows = await store.schedules.windows({
      workflow: WORKFLOW,
      schedule: SCHEDULE,
      from: 0,
      to: T0,
      limit: 1e4,
    });
    const { runs } = this.#world.recorded;
    const keys = new Set(rows.map((row) => windowKey(SCHEDULE, row)));
    const ofWindows = new Set(rows.map(({ runId }) => runId));
    const made = [...runs].flatMap(([id, { run }]) => (run.trigger === "backfill" ? [id] : []));
    if (keys.size < rows.length || ofWindows.size < rows.length) this.#fail("once", "a window is there twice");
    if (made.length !== ofWindows.size || made.some((id) => !ofWindows.has(id)))
      this.#fail("once", `runs ${made.join()} were made, windows have ${[...ofWindows].join()}`);
    for (const { runId, lastOutcome } of rows)
      if (runs.get(runId ?? "")?.run.state !== lastOutcome)
        this.#fail("sums", `run ${runId} is ${runs.get(runId ?? "")?.run.state}, and its window says ${lastOutcome}`);
    for (const id of made) this.#openedOnce(id);
    for (const id of this.#wanted)
      this.#addsUp(
        await store.reader().findBackfill(id),
        rows.map(({ startsAt }) => startsAt),
      );
  }

  /** A cancel leaves closed what was still to be opened. */
  #openedOnce(id: string): void {
    const { generation } = this.#world.recorded.runs.get(id)!.run;
    const asked = this.#opened.get(id) ?? 0;
    const cancelled = [...this.#records.values()].some(({ state }) => state === "cancelled");
    if (generation - 1 > asked || (generation - 1 < asked && !cancelled))
      this.#fail("opened", `run ${id} is in generation ${generation}, and was to be opened ${asked} times`);
  }

  #addsUp({ id, plan, state, total, progress }: BackfillRecord, starts: readonly number[]): void {
    const { todo, running, succeeded, failed, cancelled, in_flight: inFlight, skipped } = progress;
    const sum = todo + running + succeeded + failed + cancelled + inFlight + skipped;
    const [from, to] = [Date.parse(plan.from) * 1000, Date.parse(plan.to) * 1000];
    const there = starts.filter((start) => start >= from && start <= to).length;
    if (!isEndedBackfill(state)) this.#fail("sums", `${id} is ${state}`);
    if (running > 0 || (todo > 0 && state !== "cancelled")) this.#fail("sums", `${id}: ${JSON.stringify(progress)}`);
    if (sum !== total) this.#fail("sums", `${id} has ${total} windows: ${JSON.stringify(progress)}`);
    if (state !== "cancelled" && there !== total)
      this.#fail("once", `${id} has ${there} windows with a run, of ${total}`);
  }

  #starter({ engine, wakeUps }: SimEngine): BackfillStarter {
    const world = this.#world;
    return {
      parse: (version, params) => engine.parse(version, params),
      async take() {
        wakeUps!.notify(RUNS_CHANNEL);
        engine.look();
      },
      reopen: (runId, request) => reopenWith(engine, runId, request),
      // The command goes to whoever holds the run.
      async cancel(runId) {
        for (const each of world.engines.filter(({ serves }) => serves))
          await each.engine.cancel(runId).catch((thrown: unknown) => {
            if (!EXPECTED.has(toErrorData(thrown).code ?? "")) throw thrown;
          });
      },
    };
  }

  #fail(fact: keyof typeof BACKFILL_FACTS, what: string): void {
    this.#world.fail(BACKFILL_FACTS[fact], what);
  }
}

const EXPECTED = new Set(["RUN_HELD_ELSEWHERE", "RUN_ENDED"]);
