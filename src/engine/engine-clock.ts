import { type Clock, type Instant, systemClock } from "../core/clock.ts";

/** Everything the engine gets from outside that is not the store or a worker: time, turns of the loop, and chance. A simulation decides each. */
export interface EngineClock extends Clock {
  /** Calls back once `instant` has come. Answers how to take it back. */
  at(instant: Instant, call: () => void): () => void;
  /** Calls back in the next turn of the loop: what arrives until then is decided together. */
  soon(call: () => void): void;
  /** Of [0, 1). */
  random(): number;
}

/** Node's timers hold 31 bits; a longer wait is cut into pieces. */
const MAX_TIMER_MS = 2 ** 31 - 1;

export const systemEngineClock: EngineClock = {
  now: () => systemClock.now(),
  at(instant, call) {
    let timer: NodeJS.Timeout;
    const wait = (): void => {
      const ms = Math.ceil((instant - systemClock.now()) / 1000);
      timer = ms > MAX_TIMER_MS ? setTimeout(wait, MAX_TIMER_MS) : setTimeout(call, Math.max(0, ms));
    };
    wait();
    return () => clearTimeout(timer);
  },
  soon: (call) => void setImmediate(call),
  random: Math.random,
};
