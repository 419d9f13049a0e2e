import type { CachedValue } from "../../src/core/cached-value.ts";
import { addMs, type Instant } from "../../src/core/clock.ts";
import type { WorkflowManifest } from "../../src/core/manifest.ts";
import type { HostListener } from "../../src/engine/worker-host.ts";
import type { Assignment, Outcome } from "../../src/runtime/protocol.ts";
import type { Cache, CacheQuery } from "../../src/store/cache.ts";
import type { SqliteStore } from "../../src/store/sqlite/sqlite-store.ts";
import { Dice } from "./dice.ts";
import type { Commit, Invariant } from "./invariant.ts";
import type { Recorded } from "./recorded.ts";
import type { SimStore } from "./sim-store.ts";
import type { World } from "./world.ts";

export const CACHE_FACTS = {
  taken: "a task takes the youngest value that stands under its key, and only one that a run with that key made",
  fresh: "a run that is made anew takes no value of another",
} as const;

/** What a success said of its value. */
interface Made {
  readonly key: string;
  readonly at: Instant;
}

/** What of it is written down. */
interface Written {
  readonly claim: number;
  readonly madeAt: Instant;
}

interface Kept extends Made {
  readonly generation: number;
  readonly claim: number;
}

type Success = Extract<Outcome, { state: "succeeded" }>;

const CACHED_FOR_MS = 30_000;
const KINDS = ["kept", "kept", "fresh", "fresh when retried"] as const;

/** The values that others may take, asked for over the wire of one engine. */
export const simCacheStore = (wire: SimStore, { cache }: SqliteStore, world: World): Cache => ({
  find: (query) =>
    wire.ask("find a kept value", false, async () => {
      const found = await cache.find(query);
      world.parts.cache?.answered(query, found);
      return found;
    }),
  renounce: (runId) =>
    wire.ask(`renounce for ${runId}`, true, async () => {
      await cache.renounce(runId);
      world.parts.cache?.renounced(runId);
    }),
  usedRuns: (since) => cache.usedRuns(since),
  usedAttempts: (runId) => cache.usedAttempts(runId),
  forget: (runIds) => cache.forget(runIds),
});

/** Tasks of a world that take what runs before them have made, under keys that several runs share. It has dice of its own. */
export class SimCache implements Invariant {
  readonly fact = CACHE_FACTS.fresh;
  readonly #world: World;
  readonly #dice: Dice;
  /** Tasks with a key, by workflow and place. */
  readonly #caching = new Set<string>();
  readonly #said = new Map<string, Made>();
  /** By task run, as its last success said. */
  readonly #kept = new Map<number, Kept>();
  /** By claim, as it was recorded. */
  readonly #madeAt = new Map<string, Instant>();
  readonly #renounced = new Set<string>();

  constructor(world: World, seed: number) {
    this.#world = world;
    this.#dice = new Dice(seed + 6_000_011);
  }

  choose({ name, tasks }: WorkflowManifest): void {
    for (const place of tasks.keys()) if (this.#dice.chance(0.7)) this.#caching.add(`${name} ${place}`);
  }

  /** Who takes something needs others that have made it. */
  readonly moreRuns = 4;

  /** When its user wants a run again, whatever has become of it; `null`: never. */
  againMs(): number | null {
    return this.#dice.chance(0.5) ? this.#dice.between(2_000, 20_000) : null;
  }

  caches({ runId, task }: Assignment): boolean {
    return this.#caching.has(`${this.#world.recorded.version(runId).record.workflow} ${task}`);
  }

  /** Whether its user wants it made anew: from the start, or when it is retried. */
  isFresh(runId: string, generation: number): boolean {
    const kind = KINDS[Number(runId.slice(-2)) % KINDS.length];
    return kind === "fresh" || (kind === "fresh when retried" && generation > 1);
  }

  /** It ends with what is there, or with what its code makes. */
  async end(
    { taskRunId, claim, task, mapIndex }: Assignment,
    made: Success,
    listener: HostListener | null,
    now: Instant,
  ): Promise<Outcome> {
    const key = `${task}[${mapIndex}] of ${taskRunId % 5 === 0 ? "one" : "another"} input`;
    const question = JSON.stringify({ keys: [key], after: addMs(now, -CACHED_FOR_MS) });
    const said = await listener?.drawer(taskRunId, claim, "cache", question);
    if (said) return { ...made, cached: (JSON.parse(said) as CachedValue).from };
    this.#said.set(`${taskRunId}/${claim}`, { key, at: now });
    return { ...made, cacheKey: key };
  }

  renounced(runId: string): void {
    this.#renounced.add(runId);
  }

  /** At the moment when the store answered. */
  answered({ taskRunId, taskId, keys, after }: CacheQuery, found: CachedValue | null): void {
    const { recorded } = this.#world;
    const mine = recorded.runOf(taskRunId) ?? "";
    const may = !this.#renounced.has(mine) && recorded.taskRun(taskRunId)?.discarded === 0;
    const youngest = may ? this.#youngest(taskId, keys, after) : null;
    if (found && this.#renounced.has(mine))
      this.#world.fail(CACHE_FACTS.fresh, `task run ${taskRunId} gets what ${found.from.taskRunId} made`);
    if ((found?.from.taskRunId ?? null) !== youngest)
      this.#world.fail(
        CACHE_FACTS.taken,
        `task run ${taskRunId} gets what ${found?.from.taskRunId ?? "nobody"} made under "${keys.join()}", and what ${youngest ?? "nobody"} made stands`,
      );
  }

  #youngest(taskId: number, keys: readonly string[], after: Instant): number | null {
    const standing = [...this.#kept].filter(([id, { key, at, claim, generation }]) => {
      const row = this.#world.recorded.taskRun(id);
      const stands = row?.state === "succeeded" && row.claim === claim && row.generation === generation;
      return stands && row.taskId === taskId && keys.includes(key) && at > after;
    });
    const [first] = standing.toSorted(([a, { at }], [b, { at: other }]) => other - at || b - a);
    return first?.[0] ?? null;
  }

  *committed({ group, result, before, after }: Commit, recorded: Recorded): Iterable<string> {
    if (!result.applied) return;
    for (const { taskRunId, to, value } of group.drawers)
      if (to.drawer === "cache" && to.key === "made" && value !== null)
        this.#madeAt.set(`${taskRunId}/${(JSON.parse(value) as Written).claim}`, (JSON.parse(value) as Written).madeAt);
    for (const { id, claim, state, generation } of after?.taskRuns.values() ?? []) {
      const said = this.#said.get(`${id}/${claim}`);
      // Clocks jump between the end of its code and the commit, whose time counts.
      const at = this.#madeAt.get(`${id}/${claim}`) ?? said?.at ?? 0;
      if (state === "succeeded" && said) this.#kept.set(id, { ...said, at, claim, generation });
    }
    for (const { taskRunId, to } of group.drawers)
      if (to.drawer === "cache" && to.key === "taken" && this.isFresh(group.runId, before?.run.generation ?? 1))
        yield `task run ${taskRunId} of run ${group.runId} takes a value in generation ${recorded.runs.get(group.runId)?.run.generation}`;
  }
}
