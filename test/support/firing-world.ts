import type { Instant } from "../../src/core/clock.ts";
import type { WorkflowManifest } from "../../src/core/manifest.ts";
import type { RunState } from "../../src/core/run-state.ts";
import type { ScheduleManifest, ScheduleRuleManifest } from "../../src/core/schedule.ts";
import type { EngineClock } from "../../src/engine/engine-clock.ts";
import { newRunId } from "../../src/engine/firing/engine-starter.ts";
import { type FiredRun, Firing } from "../../src/engine/firing/firing.ts";
import type { RunStarter } from "../../src/engine/firing/run-starter.ts";
import { openSqliteStore } from "../../src/store/sqlite/open-sqlite-store.ts";
import type { SqliteStore } from "../../src/store/sqlite/sqlite-store.ts";
import type { Schedules } from "../../src/store/schedules.ts";
import { sampleGroup, sampleVersion } from "../../src/testing/store-samples.ts";

export const at = (iso: string): Instant => Date.parse(iso) * 1000;
export const iso = (instant: Instant): string => new Date(instant / 1000).toISOString().replace(":00.000Z", "Z");

/** A clock that anybody may set, forwards and backwards. Nothing rings by itself. */
export class SetClock implements EngineClock {
  time: Instant;
  constructor(time: Instant) {
    this.time = time;
  }
  now(): Instant {
    return this.time;
  }
  at(): () => void {
    return () => {};
  }
  soon(call: () => void): void {
    setImmediate(call);
  }
  random(): number {
    return 0.5;
  }
}

export type Given = Partial<
  Pick<WorkflowManifest, "start" | "end" | "catchup" | "maxActiveRuns" | "overlap" | "schedules">
> & { readonly dependsOnPast?: true };

/** Schedulers that record runs in one store, and that nobody executes. */
export class FiringWorld {
  readonly clock: SetClock;
  readonly store: SqliteStore;
  readonly fired: FiredRun[] = [];
  readonly begun: string[] = [];
  readonly notices: string[] = [];
  readonly cancelled: string[] = [];
  readonly #editions = new Map<string, number>();

  private constructor(clock: SetClock, store: SqliteStore) {
    this.clock = clock;
    this.store = store;
  }

  static async open(start: string): Promise<FiringWorld> {
    const clock = new SetClock(at(start));
    return new FiringWorld(clock, await openSqliteStore({ path: ":memory:", clock }));
  }

  /** `wire`: what stands between the scheduler and the store. */
  scheduler(wire: Partial<Schedules> = {}, starter: Partial<RunStarter> = {}): Firing {
    const { store, clock } = this;
    return new Firing({
      store: { schedules: { ...wireTo(store.schedules), ...wire }, getVersion: (id) => store.getVersion(id) },
      clock,
      newId: newRunId,
      notice: (text) => void this.notices.push(text),
      onFired: (fired) => void this.fired.push(fired),
      starter: {
        scheduler: undefined,
        parse: async () => ({ params: null, lists: null }),
        ask: async () => ({ ok: true, matches: false }),
        begin: async ({ id }) => void this.begun.push(id),
        take: async (ids) => void this.begun.push(...ids),
        cancel: async (id) => {
          this.cancelled.push(id);
          await this.end(id, "cancelled");
        },
        ...starter,
      },
    });
  }

  /** Makes it the latest version of the workflow. */
  async register(name: string, rules: ScheduleRuleManifest | readonly ScheduleManifest[], given: Given = {}) {
    const { dependsOnPast, ...manifest } = given;
    const edition = (this.#editions.get(name) ?? 0) + 1;
    this.#editions.set(name, edition);
    const version = sampleVersion(name, ["a"], String(edition), { latest: true, createdAt: this.clock.time });
    const schedules = Array.isArray(rules)
      ? (rules as ScheduleManifest[])
      : [{ name: "schedule", ...(rules as ScheduleRuleManifest) }];
    const tasks = version.manifest.tasks.map((task) => ({ ...task, ...(dependsOnPast && { dependsOnPast }) }));
    return this.store.registerVersion({
      ...version,
      manifest: { ...version.manifest, schedules, tasks, ...manifest },
    });
  }

  /** The clock shows `time`, and schedulers look. Answers what was fired since, as "workflow window". */
  async at(time: string | Instant, ...schedulers: readonly Firing[]): Promise<string[]> {
    this.clock.time = typeof time === "string" ? at(time) : time;
    const before = this.fired.length;
    for (const scheduler of schedulers) {
      await scheduler.settled();
      await scheduler.tick();
    }
    return this.fired.slice(before).map(({ window }) => iso(window.start));
  }

  async end(runId: string, state: Extract<RunState, "succeeded" | "failed" | "cancelled">): Promise<void> {
    const { revision } = (await this.store.loadRun(runId))!.run;
    await this.store.commit([sampleGroup(runId, revision, { run: { state, endedAt: this.clock.time } })]);
  }

  async windows(workflow: string, schedule = "schedule"): Promise<string[]> {
    const rows = await this.store.schedules.windows({
      workflow,
      schedule,
      from: 0,
      to: at("2200-01-01"),
      limit: 100_000,
    });
    return rows.map(({ state, startsAt }) => `${state} ${iso(startsAt)}`);
  }
}

const wireTo = (real: Schedules): Schedules => ({
  list: (workflows, counted) => real.list(workflows, counted),
  decide: (decisions, scheduler) => real.decide(decisions, scheduler),
  admit: (workflow, limits) => real.admit(workflow, limits),
  outcomes: (workflow, limit) => real.outcomes(workflow, limit),
  activeRuns: (workflow) => real.activeRuns(workflow),
  pause: (workflow, by) => real.pause(workflow, by),
  unpause: (workflow) => real.unpause(workflow),
  beat: (now, gapMs) => real.beat(now, gapMs),
  windows: (query) => real.windows(query),
});

export const HOURLY: ScheduleRuleManifest = { kind: "preset", preset: "@hourly", timezone: "UTC" };
export const DAILY: ScheduleRuleManifest = { kind: "preset", preset: "@daily", timezone: "UTC" };
export const preset = (name: "@once" | "@continuous"): ScheduleRuleManifest => ({
  kind: "preset",
  preset: name,
  timezone: "UTC",
});
