import type { Cause, StartEvent } from "../core/event.ts";
import type { EventStart } from "./events.ts";

/** Why there is a run that has waited for several updates: the last one of each asset, the newest first. */
export const waitedCause = (cause: Cause, updates: readonly string[]): Cause => ({
  ...cause,
  events: updates.map((text) => JSON.parse(text) as StartEvent).toSorted((a, b) => b.at - a.at),
});

/** A start without the events that somebody else has delivered. */
export const ofThese = (start: EventStart, events: readonly number[]): EventStart => ({
  ...start,
  events,
  cause: { ...start.cause, events: start.cause.events.filter((_, index) => events.includes(start.events[index]!)) },
});
