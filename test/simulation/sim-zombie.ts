import type { RunGroup, TaskRunChange, TaskRunRecord } from "../../src/store/store.ts";
import type { RunRows } from "./invariant.ts";
import type { Actor } from "./sim-clock.ts";
import type { World } from "./world.ts";

/** A worker that lost its claim and does not know: it reaches the store by itself, knows the run's revision, and tries to write. */
export class SimZombie implements Actor {
  readonly name = "zombie";
  readonly alive = true;
  readonly #world: World;

  constructor(world: World) {
    this.#world = world;
  }

  async write(): Promise<void> {
    const { engine, recorded, dice } = this.#world;
    const runs = [...recorded.runs.values()].filter(({ taskRuns }) =>
      [...taskRuns.values()].some(({ claim }) => claim > 0),
    );
    if (!engine?.alive || runs.length === 0) return;
    const run = dice.pick(runs);
    const row = dice.pick([...run.taskRuns.values()].filter(({ claim }) => claim > 0));
    const group = this.#groupOf(run, row);
    this.#world.note(
      this.name,
      `tries to write task run ${row.id} of ${run.run.id.slice(-2)}, which is ${row.state} under ${row.claim}`,
    );
    const results = await engine.real.commit([group]);
    await this.#world.committed(engine.real, [group], results, { name: this.name, zombie: true });
  }

  #groupOf({ run }: RunRows, row: TaskRunRecord): RunGroup {
    const { dice } = this.#world;
    const empty = { create: null, run: null, inserts: [], attempts: [], drawers: [], changes: [] };
    const group = { ...empty, runId: run.id, revision: run.revision };
    // Of a task run that is running, only an older claim is stale; of any other every claim is.
    const claim = row.state === "running" || dice.chance(0.5) ? row.claim - 1 : row.claim;
    const to = { drawer: "state", taskRunId: row.id, key: "k" } as const;
    if (dice.chance(0.3)) return { ...group, drawers: [{ taskRunId: row.id, claim, to, value: '["stale"]' }] };
    return { ...group, changes: [dice.pick(staleChanges(row.id, claim, this.#world.clock.now))] };
  }
}

function staleChanges(id: number, claim: number, at: number): readonly TaskRunChange[] {
  const ended = {
    startedAt: at,
    endedAt: at,
    output: null,
    lists: null,
    arms: null,
    error: null,
    skipReason: null,
    losses: 0,
  };
  return [
    { id, claim, kind: "finish", state: "succeeded", ...ended },
    { id, claim, kind: "finish", state: "failed", ...ended },
    { id, claim, kind: "retry", attempt: 2, dueAt: at, error: { name: "Error", message: "stale" } },
    { id, claim, kind: "requeue", from: "running", losses: 1, at },
  ];
}
