import type { WakeUps } from "../../src/store/wake-ups.ts";
import type { SimEngine } from "./sim-engine.ts";
import type { World } from "./world.ts";

const POLL_MS = 1_000;

/** Hints from process to process: late, lost, and with a slow poll as a net. */
export class SimWakeUps implements WakeUps {
  readonly #engine: SimEngine;
  readonly #world: World;
  readonly #calls = new Map<string, Set<() => void>>();

  constructor(engine: SimEngine, world: World) {
    this.#engine = engine;
    this.#world = world;
    this.#poll();
  }

  notify(channel: string): void {
    const { clock, dice, plan, engines } = this.#world;
    for (const { wakeUps, name } of engines) {
      if (!wakeUps || plan.strikesNow("wakeUpIsLost")) continue;
      clock.after(dice.between(0, 20), this.#engine, `wakes up ${name}: ${channel}`, () => wakeUps.#received(channel));
    }
  }

  listen(channel: string, call: () => void): () => void {
    const calls = this.#calls.get(channel) ?? new Set();
    this.#calls.set(channel, calls.add(call));
    return () => void calls.delete(call);
  }

  /** No engine does. */
  listenAll(): () => void {
    return () => {};
  }

  async close(): Promise<void> {
    this.#calls.clear();
  }

  #received(channel: string): void {
    if (this.#engine.alive) for (const call of this.#calls.get(channel) ?? []) call();
  }

  #poll(): void {
    this.#world.clock.after(POLL_MS, this.#engine, "looks by itself", () => {
      for (const calls of this.#calls.values()) for (const call of calls) call();
      this.#poll();
    });
  }
}
