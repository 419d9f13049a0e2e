import type { Duration } from "../core/duration.ts";
import { EventTrigger, TRIGGER_OPTIONS, type TriggerOptions } from "./event-trigger.ts";
import { badOption, durationOption, knownOptions } from "./known-options.ts";
import { checkName } from "./names.ts";
import { refusal } from "./refusal.ts";

/** How often a source is asked. */
export interface OnPollOptions extends Omit<TriggerOptions, "name"> {
  /** From the end of one look to the next. Default: `"1m"`. */
  readonly every?: Duration;
  /** How long one look may take. Default: `"1m"`. */
  readonly timeout?: Duration;
}

/** What a look has found. */
export interface Polled<Cursor> {
  /** For the next look: recorded together with the runs that these events start. As JSON has it. */
  readonly cursor: Cursor;
  /** Each starts a run. `key`: of those with one key, one does, for seven days. */
  readonly events: readonly { readonly key?: string; readonly payload?: object }[];
  /** There is more: it is asked again at once. Default: false. */
  readonly more?: boolean;
}

/** What a look is told beside its cursor. */
export interface LookCall {
  /** Aborts when its time is over. */
  readonly signal: AbortSignal;
  /** It is the first one since the workflow was enabled: what it finds was there before, and starts nothing without `catchup`. */
  readonly fresh: boolean;
}

/** A function that looks for what is new. It gets the cursor that it gave last, `null` the first time. */
export type Look<Cursor> = (
  cursor: Cursor | null,
  call: LookCall,
) => Polled<Cursor> | undefined | Promise<Polled<Cursor> | undefined>;

/**
 * Starts a run for each thing that `look` finds: it gets the cursor that the look before gave, `null` the first time, and gives what came since, with
 * the next cursor; `undefined`: nothing. It runs in a worker's process, one at a time however many schedulers there are; one that throws is asked
 * again later. What is there when the workflow is enabled starts nothing, unless it has `catchup`.
 *
 * @throws TuttiError `BAD_NAME`, `BAD_OPTION`, `BAD_DURATION`, `BAD_BODY`, `UNKNOWN_OPTION`
 * @example
 * const take = task("take", (_: void, ctx) => console.log(ctx.event?.payload));
 * const inbox = onPoll("inbox", { every: "30s" }, async (cursor: number | null) => {
 *   const mails = [{ id: (cursor ?? 0) + 1 }];
 *   return { cursor: mails[0]!.id, events: mails.map((mail) => ({ key: String(mail.id), payload: mail })) };
 * });
 * export default dag("mails", { schedule: inbox }, () => { take(); });
 */
export function onPoll<Cursor>(name: string, options: OnPollOptions, look: Look<Cursor>): EventTrigger {
  const what = `onPoll("${name}")`;
  return pollTrigger(what, { ...options, name: checkName(name, "a trigger") }, name, look);
}

/** As `onPoll`, for connectors: they know what they look for. `fallback`: its name where the user gives none. */
export function pollTrigger<Cursor>(
  what: string,
  options: OnPollOptions & { readonly name?: string },
  fallback: string,
  look: Look<Cursor>,
): EventTrigger {
  const known = knownOptions(options, ["every", "timeout", ...TRIGGER_OPTIONS], what);
  if (typeof look !== "function")
    throw refusal("BAD_BODY", `${what} has no function. Write onPoll("inbox", { every: "1m" }, async (cursor) => …).`);
  const everyMs = durationOption(known.every ?? "1m", what, "every") ?? 0;
  const timeoutMs = durationOption(known.timeout ?? "1m", what, "timeout") ?? 0;
  if (everyMs < 100) throw badOption(what, "every", known.every, '"100ms" or longer');
  if (timeoutMs === 0) throw badOption(what, "timeout", known.timeout, "longer than nothing");
  const rule = { kind: "poll", everyMs, timeoutMs } as const;
  const poll = look as (cursor: unknown, call: LookCall) => unknown;
  return new EventTrigger({ what, rule, name: known.name, params: known.params, fallback, functions: { poll } });
}
