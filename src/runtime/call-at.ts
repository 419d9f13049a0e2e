import { type Instant, systemClock } from "../core/clock.ts";

/** Node's timers hold 31 bits; whoever waits longer is asked again. */
const MAX_TIMER_MS = 2 ** 31 - 1;

/** Calls back once an instant has come. Answers how to take it back. */
export function callAt(instant: Instant, call: () => void): () => void {
  let timer: NodeJS.Timeout;
  const wait = (): void => {
    const ms = Math.ceil((instant - systemClock.now()) / 1000);
    timer = ms > MAX_TIMER_MS ? setTimeout(wait, MAX_TIMER_MS) : setTimeout(call, Math.max(0, ms));
  };
  wait();
  return () => clearTimeout(timer);
}
