import type { Clock } from "../../core/clock.ts";
import type { EngineClock } from "../engine-clock.ts";

/** Timers on a clock that may be set: a wait is as long as it looks when it begins, so nobody waits long at once. */
export const scheduleClock = (clock: Clock): EngineClock => ({
  now: () => clock.now(),
  at(instant, call) {
    const timer = setTimeout(call, Math.max(0, Math.ceil((instant - clock.now()) / 1000)));
    return () => clearTimeout(timer);
  },
  soon: (call) => void setImmediate(call),
  random: Math.random,
});
