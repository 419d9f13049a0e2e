import { type GivenEvent, type StartEvent, startEvent } from "../../core/event.ts";
import type { Instant } from "../../core/clock.ts";
import { momentWindow, type Window } from "../../core/window.ts";
import type { EventBatch, NewEvent, PendingEvent } from "../../store/events.ts";

/** Something that has happened, on its way to whoever hears of it. */
export interface Occurrence {
  /** As the store is told of it. */
  readonly entry: EventBatch["events"][number];
  readonly event: StartEvent;
  /** That its runs get. */
  readonly window: Window;
  /** The workflows whose runs led to it. */
  readonly chain: readonly string[];
  /** Of a source: the subscription that alone hears of it. */
  readonly source: number | null;
}

export function occurredNow(uid: string, given: GivenEvent, at: Instant, source: number | null = null): Occurrence {
  const entry: NewEvent = { ...given, uid, runId: null, at };
  return { entry, event: startEvent({ ...given, at, runId: null }), window: momentWindow(at), chain: [], source };
}

export const occurredBefore = ({ id, window, chain, ...event }: PendingEvent): Occurrence => ({
  entry: { id },
  event: startEvent(event),
  window: window ?? momentWindow(event.at),
  chain,
  source: null,
});
