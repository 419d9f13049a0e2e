import type { DeadlineManifest } from "../core/alert-plan.ts";
import { type Duration, parseDuration } from "../core/duration.ts";
import { TimeZone } from "../core/time-zone.ts";
import { badOption, knownOptions, within } from "./known-options.ts";

declare const DEADLINE: unique symbol;

/** When something is late; made by `deadline`. */
export interface Deadline {
  readonly [DEADLINE]: true;
}

export interface DeadlineOptions {
  /** The IANA zone of a time of the day. Default: `"UTC"`. */
  readonly timezone?: string;
}

const MADE = new WeakMap<object, DeadlineManifest>();
const TIME = /^([01]\d|2[0-3]):[0-5]\d$/;
/** Longer than any run is waited for. */
const MOST_MS = 366 * 86_400_000;

/**
 * When something is late, for the option `deadline`: a local time, the first at or after the end of the run's window, or a length of time
 * after the run was made. It is told once for each run, and the run goes on.
 *
 * @throws TuttiError `BAD_OPTION`, `BAD_DURATION`, `BAD_TIMEZONE`, `UNKNOWN_OPTION`
 * @example
 * const load = task("load", async () => 3);
 * const late = (alert: Alert) => console.log(`${alert.workflow} of ${alert.date} is not there yet`);
 *
 * export default dag("retail", { schedule: "@daily", deadline: deadline("08:00", { timezone: "Europe/London" }), onLate: late }, () => {
 *   load();
 * });
 */
export function deadline(at: string | Duration, options?: DeadlineOptions): Deadline {
  const what = "deadline(…)";
  const { timezone } = knownOptions(options, ["timezone"], what);
  if (typeof at === "string" && at.includes(":")) {
    if (!TIME.test(at)) throw badOption(what, "at", at, 'a time of the day from "00:00" to "23:59"');
    const zone = timezone ?? "UTC";
    within(what, () => TimeZone.of(zone));
    return make({ kind: "at", at, timezone: zone });
  }
  const withinMs = within(what, () => parseDuration(at));
  if (withinMs < 1 || withinMs > MOST_MS) throw badOption(what, "at", at, "longer than nothing, and at most 366 days");
  if (timezone !== undefined)
    throw badOption(what, "timezone", timezone, "left out: a length of time is the same in every zone");
  return make({ kind: "within", withinMs });
}

function make(manifest: DeadlineManifest): Deadline {
  const made = Object.freeze({}) as Deadline;
  MADE.set(made, manifest);
  return made;
}

/** @throws TuttiError `BAD_OPTION` for what `deadline` did not make. */
export function readDeadline(given: unknown, what: string): DeadlineManifest {
  const manifest = typeof given === "object" && given !== null ? MADE.get(given) : undefined;
  if (manifest === undefined) throw badOption(what, "deadline", given, 'made by deadline("08:00") or deadline("2h")');
  return manifest;
}
