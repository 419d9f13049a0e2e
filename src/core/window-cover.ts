import type { Instant } from "./clock.ts";
import type { WindowOfRun } from "./run-call.ts";

interface Span {
  readonly start: Instant;
  readonly end: Instant;
}

/** The runs that cover a window whole, by their starts; `null`: not all of it is covered. A window without width is a moment. */
export function coverOf<R extends Span>({ start, end }: Span, runs: readonly R[]): readonly R[] | null {
  if (start === end) {
    const covering = runs.find((run) => (run.start <= start && start < run.end) || isMoment(run, start));
    return covering ? [covering] : null;
  }
  const cover: R[] = [];
  for (let at = start; at < end;) {
    // Of those that begin by then, the one that reaches furthest.
    let best: R | null = null;
    for (const run of runs) if (run.start <= at && run.end > at && run.end > (best?.end ?? at)) best = run;
    if (best === null) return null;
    cover.push(best);
    at = best.end;
  }
  return cover;
}

const isMoment = ({ start, end }: Span, at: Instant): boolean => start === end && start === at;

/** One that did not succeed, of a part that no other covers; `null`: whatever lacks may still come. */
export function failedIn(window: Span, runs: readonly WindowOfRun[]): WindowOfRun | null {
  const open = runs.filter(({ state }) => state !== "failed" && state !== "cancelled");
  for (const run of runs) {
    if (run.state !== "failed" && run.state !== "cancelled") continue;
    const part = { start: Math.max(window.start, run.start), end: Math.min(window.end, run.end) };
    if (coverOf(part, open) === null) return run;
  }
  return null;
}
