import { type Instant, systemClock } from "../../core/clock.ts";
import type { FiredRun } from "../../engine/firing/firing.ts";
import type { Output } from "./output.ts";
import { clockText, isoText } from "./time-text.ts";

/** The shortest of days has 23 hours, here and there 21. */
const SHORT: Instant = 20 * 3_600_000_000;

/** A run that a schedule has started, as a process that stays says it: one line, for people or as JSON. */
export function printFired(out: Output, fired: FiredRun, json: boolean, now: Instant = systemClock.now()): void {
  const { runId, workflow, schedule, window } = fired;
  if (json)
    return out.json({
      event: "fired",
      run: runId,
      workflow,
      schedule,
      date: window.date,
      window: { start: isoText(window.start), end: isoText(window.end) },
    });
  const at = out.style("dim", clockText(now).slice(0, 8));
  // Several windows of a day are told by when they begin.
  const of = window.end - window.start < SHORT ? isoText(window.start)!.replace(".000Z", "Z") : window.date;
  out.line(`${at} ${out.style("bold", workflow)}  ${schedule}  ${of}  ${runId}`);
}
