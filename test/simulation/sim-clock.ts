import type { Instant } from "../../src/core/clock.ts";
import type { EngineClock } from "../../src/engine/engine-clock.ts";
import { T0 } from "../../src/testing/store-samples.ts";
import type { Dice } from "./dice.ts";
import type { Trace } from "./trace.ts";

/** Whose call it is: of one that is gone nothing happens any more. */
export interface Actor {
  readonly name: string;
  readonly alive: boolean;
  /** Until then nothing of it happens. */
  readonly pausedUntil?: Instant;
}

/** A step takes a few hundred of them at most. */
const MAX_LOOKS = 100_000;

interface Pending {
  readonly at: Instant;
  readonly actor: Actor;
  readonly what: string;
  readonly call: () => void;
}

/**
 * Time and order of a simulated world. Everything that waits for anything (an answer, a message, a timer, the next turn of
 * the loop) waits here, and the dice say which of those that are ready goes next. No real time passes.
 */
export class SimClock {
  now: Instant = T0;
  steps = 0;
  readonly #dice: Dice;
  readonly #trace: Trace;
  readonly #onSpin: (actor: Actor) => void;
  #pending: Pending[] = [];
  /** How often engines have looked at their clocks since the last step. */
  #looks = 0;

  constructor(dice: Dice, trace: Trace, onSpin: (actor: Actor) => void) {
    this.#dice = dice;
    this.#trace = trace;
    this.#onSpin = onSpin;
  }

  /** Calls back `ms` from now, or later when others go first. Answers how to take it back. */
  after(ms: number, actor: Actor, what: string, call: () => void): () => void {
    const pending = { at: this.now + Math.max(0, Math.round(ms * 1000)), actor, what, call };
    this.#pending.push(pending);
    return () => {
      const place = this.#pending.indexOf(pending);
      if (place >= 0) this.#pending.splice(place, 1);
    };
  }

  /** Lets the next thing happen, with everything that follows from it at once. False: nothing is left to happen. */
  async step(): Promise<boolean> {
    const next = this.#next();
    if (next === null) return false;
    this.steps++;
    this.#looks = 0;
    this.#trace.note(this.now, next.actor.name, next.what);
    next.call();
    // Every promise that can be resolved without this clock is, before a turn of the real loop is over.
    await new Promise((resolve) => setImmediate(resolve));
    return true;
  }

  /** The clock of an engine: it may go wrong by `skew`, which may change under it. */
  engineClock(actor: Actor & { readonly skew: number }): EngineClock {
    return {
      now: () => {
        if (++this.#looks > MAX_LOOKS) this.#spins(actor);
        return this.now + actor.skew;
      },
      at: (instant, call) => this.after((instant - actor.skew - this.now) / 1000, actor, "a timer is due", call),
      soon: (call) => void this.after(0, actor, "tick", call),
      random: () => this.#dice.next(),
    };
  }

  /** It does something again and again without waiting for anything: this step would never be over. */
  #spins(actor: Actor): never {
    this.#onSpin(actor);
    throw new Error(`${actor.name} spins`);
  }

  #next(): Pending | null {
    this.#pending = this.#pending.filter(({ actor }) => actor.alive);
    if (this.#pending.length === 0) return null;
    const first = this.#pending.reduce(
      (earliest, pending) => Math.min(earliest, dueAt(pending)),
      Number.POSITIVE_INFINITY,
    );
    this.now = Math.max(this.now, first);
    const ready = this.#pending.filter((pending) => dueAt(pending) <= this.now);
    const next = this.#dice.pick(ready);
    this.#pending.splice(this.#pending.indexOf(next), 1);
    return next;
  }
}

const dueAt = ({ at, actor }: Pending): Instant => Math.max(at, actor.pausedUntil ?? 0);
