import { edgesOfSchedule, type PlacedSchedule, Timeline } from "./schedule-timeline.ts";
import type { Span } from "./schedule-windows.ts";

/** A window that comes, and when its run fires; all in epoch milliseconds. */
export interface ComingWindow {
  readonly span: Span;
  readonly fireMs: number;
}

/** The windows that fire after a moment, in order. `@once` and `@continuous` start when they are enabled: here, at that moment. */
export function* comingWindows(placed: PlacedSchedule, afterMs: number): Generator<ComingWindow> {
  const timeline = Timeline.of(placed);
  if (timeline === null) {
    const coming = startOf(placed, afterMs);
    if (coming !== null) yield coming;
    return;
  }
  for (let span = timeline.firingFrom(afterMs + 1); span !== null; span = timeline.next(span.end))
    yield { span, fireMs: timeline.fireAt(span) };
}

/** The first of them. */
export function comingRuns(placed: PlacedSchedule, afterMs: number, count: number): ComingWindow[] {
  const found: ComingWindow[] = [];
  for (const coming of comingWindows(placed, afterMs)) if (found.push(coming) >= count) break;
  return found;
}

function startOf(placed: PlacedSchedule, afterMs: number): ComingWindow | null {
  const { startMs, endMs } = edgesOfSchedule(placed);
  const begin = startMs === -Infinity ? afterMs : startMs;
  const fireMs = Math.max(begin, afterMs);
  const once = placed.schedule.kind === "preset" && placed.schedule.preset === "@once";
  const span = { start: begin, end: once ? begin : fireMs };
  return span.end > endMs ? null : { span, fireMs };
}
