import type { World } from "./world.ts";

/** Somebody else who may write: moves a run's revision under the engine, so that what it has decided just now is worth nothing. */
export class SimRival {
  readonly #world: World;

  constructor(world: World) {
    this.#world = world;
  }

  async move(): Promise<void> {
    const { engine, recorded, dice } = this.#world;
    const runs = [...recorded.runs.values()];
    if (!engine?.alive || runs.length === 0) return;
    const { run } = dice.pick(runs);
    this.#world.note("rival", `moves run ${run.id.slice(-2)} from revision ${run.revision}`);
    const group = {
      runId: run.id,
      revision: run.revision,
      create: null,
      run: null,
      inserts: [],
      changes: [],
      attempts: [],
      drawers: [],
    };
    const results = await engine.real.commit([group]);
    await this.#world.committed(engine.real, [group], results, { name: "rival", zombie: false });
  }
}
