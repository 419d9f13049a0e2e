import type { ControlRequest } from "../../src/engine/control-request.ts";
import { poolLimit } from "../../src/core/limit.ts";
import type { TaskManifest, WorkflowManifest } from "../../src/core/manifest.ts";
import { MARKS } from "../../src/core/control.ts";
import { isEndedTaskRun } from "../../src/core/task-run-state.ts";
import type { RunRows } from "./invariant.ts";
import { isEndedRun } from "../../src/core/run-state.ts";
import { usesOf } from "../../src/engine/limits/limit-uses.ts";
import { LiveRun } from "../../src/engine/live-run.ts";
import { liveVersion } from "../../src/engine/live-version.ts";
import type { Limits, LimitUsage } from "../../src/store/limits.ts";
import type { SqliteStore } from "../../src/store/sqlite/sqlite-store.ts";
import { Dice } from "./dice.ts";
import type { GroupResult, RunGroup } from "../../src/store/store.ts";
import type { Actor } from "./sim-clock.ts";
import type { SimStore } from "./sim-store.ts";
import type { World } from "./world.ts";
import { WORLD_FACTS } from "./world-facts.ts";

/** What must hold of limits, beside the invariants that look at runs. */
export const LIMIT_FACTS = {
  never: "no limit is exceeded by a claim",
  held: "what is held of limits is held by what runs, or is offered",
  free: "nothing is held when everything has ended",
} as const;

/** Limits, asked for over the wire of one engine. */
export const simLimits = (store: SimStore, { limits }: SqliteStore): Limits => ({
  declare: (pools, at) => store.ask("declare pools", true, () => limits.declare(pools, at)),
  ensure: (pools, at) => store.ask("ensure pools", true, () => limits.ensure(pools, at)),
  resize: (pool) => store.ask(`resize ${pool.name}`, true, () => limits.resize(pool)),
  pools: () => store.ask("list pools", false, () => limits.pools()),
  usage: (names) => store.ask("read what is taken", false, () => limits.usage(names)),
  held: (ids) => store.ask("list what holds", false, () => limits.held(ids)),
  holders: (name, limit) => store.ask("list holders", false, () => limits.holders(name, limit)),
});

const POOLS = ["small", "large"] as const;

/**
 * Tasks of a world that take something of limits, pools whose sizes change, and somebody who cancels, marks and clears single tasks. It
 * has dice of its own: a world without limits stays the one that its seed says.
 */
export class SimLimits implements Actor {
  readonly name = "warden";
  readonly alive = true;
  readonly #world: World;
  readonly #dice: Dice;
  readonly #controls: boolean;
  /** By rate: when something of it was taken. */
  readonly #taken = new Map<string, number[]>();

  constructor(world: World, seed: number) {
    this.#world = world;
    this.#dice = new Dice(seed + 3_000_017);
    this.#controls = this.#dice.chance(0.5);
  }

  /** The same workflow, with limits on some of its tasks. */
  limited(manifest: WorkflowManifest): WorkflowManifest {
    const dice = this.#dice;
    return {
      ...manifest,
      ...(dice.chance(0.3) && { maxActiveTasks: 1 + dice.below(3) }),
      tasks: manifest.tasks.map((task): TaskManifest => {
        if (dice.chance(0.3)) return task;
        return {
          ...task,
          ...(dice.chance(0.6) && { pool: dice.pick(POOLS) }),
          ...(dice.chance(0.3) && { concurrency: { limit: 1 + dice.below(2) } }),
          ...(dice.chance(0.2) && { priority: dice.below(5) - 2 }),
          ...(dice.chance(0.15) && { rateLimit: { limit: 1 + dice.below(3), perMs: 2_000 } }),
        };
      }),
    };
  }

  async begin(store: SqliteStore): Promise<void> {
    await store.limits.ensure(
      [
        { name: "small", slots: 1 },
        { name: "large", slots: 1 + this.#dice.below(4) },
      ],
      0,
    );
    const { clock } = this.#world;
    for (let times = this.#dice.below(6); times > 0; times--)
      clock.after(this.#dice.between(0, 15_000), this, "changes a pool", () => this.#resize());
    if (this.#controls)
      for (let times = 2 + this.#dice.below(8); times > 0; times--)
        clock.after(this.#dice.between(500, 20_000), this, "does something to a task", () => this.#control());
  }

  /** Who takes something of a limit needs others that want it. */
  readonly moreRuns = 3;

  /** Somebody wrote: what is running now fits, where something was taken. */
  async committed(store: SqliteStore, groups: readonly RunGroup[], results: readonly GroupResult[]): Promise<void> {
    const usages = this.#used();
    for (const [place, { runId, changes }] of groups.entries())
      for (const { kind, id } of changes)
        if (kind === "retry" && results[place]?.applied) this.#cancelBetween(runId, id);
    for (const [place, group] of groups.entries()) {
      if (!results[place]?.applied || !group.uses) continue;
      for (const name of new Set(group.uses.filter(({ perMs }) => perMs === null).map((use) => use.name))) {
        const [{ max, used }] = (await store.limits.usage([name])) as readonly [LimitUsage];
        const most = group.uses.find((use) => use.name === name)?.max ?? max ?? 0;
        if ((usages.get(name) ?? 0) > most)
          this.#world.fail(LIMIT_FACTS.never, `${usages.get(name)} of ${most} of "${name}" run; ${used} are recorded`);
      }
    }
    this.#countRates(groups.filter((_, place) => results[place]?.applied));
    for (const [name, running] of usages) {
      const [{ used }] = (await store.limits.usage([name])) as readonly [LimitUsage];
      if (used < running) this.#world.fail(LIMIT_FACTS.held, `${running} of "${name}" run, and ${used} are recorded`);
    }
  }

  async atTheEnd(store: SqliteStore): Promise<void> {
    for (const { name, used } of await store.limits.pools())
      if (used > 0) this.#world.fail(LIMIT_FACTS.free, `${used} slots of pool "${name}" are held`);
  }

  #countRates(groups: readonly RunGroup[]): void {
    const { now } = this.#world.clock;
    for (const { name, max, perMs } of groups.flatMap(({ uses = [] }) => uses)) {
      if (perMs === null) continue;
      const taken = [...(this.#taken.get(name) ?? []), now].filter((at) => at > now - perMs * 1000);
      this.#taken.set(name, taken);
      if (taken.length > (max ?? 0))
        this.#world.fail(LIMIT_FACTS.never, `${taken.length} of ${max} of "${name}" were taken in ${perMs} ms`);
    }
  }

  /** How much of each limit is running, from the rows of the runs alone; rates apart. */
  #used(): ReadonlyMap<string, number> {
    const { recorded } = this.#world;
    const used = new Map<string, number>();
    for (const [id, { run, taskRuns }] of recorded.runs) {
      if (isEndedRun(run.state)) continue;
      const rows = [...taskRuns.values()].filter(({ state }) => state === "running");
      if (rows.length === 0) continue;
      const live = new LiveRun(liveVersion(recorded.version(id).record, ""), run, []);
      for (const row of rows)
        for (const { name, slots, perMs } of usesOf(live, recorded.placeOf(row.id), { concurrency: null, rate: null }))
          if (perMs === null) used.set(name, (used.get(name) ?? 0) + slots);
    }
    return used;
  }

  #resize(): void {
    const { engine, user } = this.#world;
    if (!engine?.serves) return;
    const name = this.#dice.pick(POOLS);
    const slots = 1 + this.#dice.below(4);
    const change = { name, slots, by: "warden", at: this.#world.clock.now };
    // Of what is done beside another engine a hint tells, and hints get lost.
    const isTold = this.#world.database === null || this.#dice.chance(0.5);
    const resized = user.patiently(engine, () => engine.store.limits.resize(change));
    void resized.then(() => isTold && engine.engine.limitsChanged());
    this.#world.note(this.name, `gives ${poolLimit(name)} ${slots} slots`);
  }

  /** Mostly what may be done to a run as it is, and of its task runs one that is at work: any other is refused, or hardly matters. */
  #request({ run, taskRuns }: RunRows): ControlRequest {
    const { recorded } = this.#world;
    const { tasks } = recorded.version(run.id).record.manifest;
    const open = [...taskRuns.values()].filter(({ state }) => !isEndedTaskRun(state));
    const chosen = open.length > 0 && this.#dice.chance(0.7) ? recorded.placeOf(this.#dice.pick(open).id) : null;
    const task = (chosen === null ? this.#dice.pick(tasks) : tasks[chosen]!).name;
    const cancels = { kind: "cancel_task", task } as const;
    const marks = { kind: "mark_task", task, as: this.#dice.pick(MARKS), reason: "warden" } as const;
    const clears = { kind: "clear_tasks", tasks: [task], downstream: this.#dice.chance(0.5) } as const;
    if (this.#dice.chance(0.1)) return this.#dice.pick<ControlRequest>([cancels, marks, clears]);
    return this.#dice.pick<ControlRequest>(isEndedRun(run.state) ? [marks, clears, clears] : [cancels, cancels, marks]);
  }

  #control(): void {
    const { engine, recorded } = this.#world;
    const ids = [...recorded.runs.keys()];
    if (!engine?.serves || ids.length === 0) return;
    const id = this.#dice.pick(ids);
    this.#ask(id, this.#request(recorded.runs.get(id)!));
  }

  /** Between two tries hardly anybody would come by. */
  #cancelBetween(runId: string, taskRunId: number): void {
    const { clock, recorded, plan } = this.#world;
    if (!this.#controls || plan.calm || !this.#dice.chance(0.8)) return;
    const { name } = recorded.version(runId).record.manifest.tasks[recorded.placeOf(taskRunId)]!;
    const cancels = { kind: "cancel_task", task: name } as const;
    clock.after(this.#dice.between(0, 800), this, `wants no ${name}`, () => this.#ask(runId, cancels));
  }

  #ask(id: string, request: ControlRequest): void {
    const { engine, recorded } = this.#world;
    if (!engine?.serves) return;
    const generationOf = () => recorded.runs.get(id)!.run.generation;
    const before = generationOf();
    // Nobody can say any more what its end should have been.
    recorded.controlled.add(id);
    this.#world.note(this.name, `${JSON.stringify(request)} of run ${id.slice(-2)}`);
    engine.engine.control(id, request).then(
      () => {
        this.#world.note(this.name, "is answered");
        if (request.kind === "clear_tasks" && generationOf() === before)
          this.#world.fail(WORLD_FACTS.promised, `tasks of run ${id} were cleared, and it is still in its generation`);
      },
      ({ code }: { code?: string }) => this.#world.note(this.name, `is refused: ${code}`),
    );
  }
}
