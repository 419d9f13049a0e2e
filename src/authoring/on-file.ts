import type { Duration } from "../core/duration.ts";
import { EventTrigger, TRIGGER_OPTIONS, type TriggerOptions } from "./event-trigger.ts";
import type { EventInfo } from "./event-info.ts";
import { badOption, durationOption, knownOptions } from "./known-options.ts";

/** How files are looked for. */
export interface OnFileOptions extends TriggerOptions<EventInfo & { readonly payload: FoundFile }> {
  /** How long a file must have stayed as it is: one that is being written starts nothing yet. Default: `"2s"`. */
  readonly settle?: Duration;
  /** How often all is looked through, in case the system did not say that something changed, as on network folders. Default: `"1m"`. */
  readonly every?: Duration;
}

/** The payload of such an event. */
export interface FoundFile {
  /** Relative to the project's folder where it lies in it, otherwise absolute; with forward slashes. */
  readonly path: string;
  readonly size: number;
  /** An ISO instant. */
  readonly modified: string;
}

/**
 * Starts a run for each file that comes or changes, on the machine of the process that fires schedules. `pattern`: a path, relative to the project's folder,
 * whose parts may have `*` and `?`, and where `**` stands for any folders. What is there when the workflow is enabled starts nothing, unless it has `catchup`.
 *
 * @throws TuttiError `BAD_OPTION`, `BAD_DURATION`, `UNKNOWN_OPTION`
 * @example
 * const take = task("take", (_: void, ctx) => console.log((ctx.event?.payload as FoundFile).path));
 * export default dag("inbox", { schedule: onFile("inbox/*.csv") }, () => { take(); });
 */
export function onFile(pattern: string, options?: OnFileOptions): EventTrigger {
  if (typeof pattern !== "string" || pattern === "" || pattern.includes("\0"))
    throw badOption("onFile(…)", "pattern", pattern, 'a path such as "inbox/*.csv"');
  const what = `onFile("${pattern}")`;
  const known = knownOptions(options as OnFileOptions, ["settle", "every", ...TRIGGER_OPTIONS], what);
  const settleMs = durationOption(known.settle ?? "2s", what, "settle") ?? 0;
  const everyMs = durationOption(known.every ?? "1m", what, "every") ?? 0;
  if (everyMs < 100) throw badOption(what, "every", known.every, '"100ms" or longer');
  return new EventTrigger({
    what,
    rule: { kind: "file", pattern: pattern.replaceAll("\\", "/"), settleMs, everyMs },
    name: known.name,
    params: known.params,
    fallback: `file ${pattern}`,
    functions: {},
  });
}
