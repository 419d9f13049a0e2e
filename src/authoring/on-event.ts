import type { Duration } from "../core/duration.ts";
import { checkEventName, encodePayload } from "../core/event.ts";
import type { EventInfo } from "./event-info.ts";
import { EventTrigger, TRIGGER_OPTIONS, type TriggerOptions } from "./event-trigger.ts";
import { badOption, durationOption, knownOptions, within } from "./known-options.ts";

/** Which events start a run, and when one is a repetition. */
export interface OnEventOptions<E extends EventInfo = EventInfo> extends TriggerOptions<E> {
  /** The fields that its payload must have, or a function that says whether it is meant. Default: every event of this name. */
  readonly match?: Readonly<Record<string, unknown>> | ((event: E) => boolean);
  /** What tells a new event from a repeated one: where it stands in the payload, `"order.id"`, or a function. It must be a text. Default: the key that was emitted with it; without one, each is new. */
  readonly dedupeBy?: string | ((event: E) => string);
  /** For how long a key is known after the event that brought it: `"7d"` or milliseconds. Default: `"7d"`. */
  readonly dedupeFor?: Duration;
}

/**
 * Starts a run for each event of this name: from `tutti emit`, from `ctx.emit` in any task, from the server. Of events with one key there is one
 * run, whoever sends them how often.
 *
 * @throws TuttiError `BAD_EVENT_NAME`, `BAD_EVENT`, `BAD_OPTION`, `BAD_DURATION`, `UNKNOWN_OPTION`
 * @example
 * const ship = task("ship", (_: void, ctx) => console.log(ctx.event?.payload));
 * export default dag("orders", {
 *   schedule: onEvent("orders.received", { match: { region: "emea" }, dedupeBy: "order.id" }),
 * }, () => { ship(); });
 */
export function onEvent<Payload = any>(
  event: string,
  options?: OnEventOptions<EventInfo & { readonly payload: Payload }>,
): EventTrigger {
  within("onEvent(…)", () => checkEventName(event, "an event"));
  const what = `onEvent("${event}")`;
  const known = knownOptions(options as OnEventOptions, ["match", "dedupeBy", "dedupeFor", ...TRIGGER_OPTIONS], what);
  const { match, dedupeBy, name, params } = known;
  const dedupeForMs = durationOption(known.dedupeFor ?? "7d", what, "dedupeFor") ?? 0;
  if (dedupeForMs === 0) throw badOption(what, "dedupeFor", known.dedupeFor, "longer than nothing");
  return new EventTrigger({
    what,
    name,
    params,
    fallback: `event ${event}`,
    rule: {
      kind: "event",
      event,
      dedupeForMs,
      ...(typeof match !== "function" && match !== undefined && { match: fields(match, what) }),
      ...(typeof dedupeBy !== "function" && dedupeBy !== undefined && { dedupeBy: path(dedupeBy, what) }),
    },
    functions: {
      ...(typeof match === "function" && { match }),
      ...(typeof dedupeBy === "function" && { dedupeBy }),
    },
  });
}

function fields(match: unknown, what: string): Readonly<Record<string, unknown>> {
  if (typeof match !== "object" || match === null || Array.isArray(match))
    throw badOption(what, "match", match, "an object of fields, or a function of the event");
  const text = within(what, () => encodePayload(match, 'option "match"'));
  return JSON.parse(text!) as Readonly<Record<string, unknown>>;
}

function path(dedupeBy: unknown, what: string): string {
  if (typeof dedupeBy === "string" && dedupeBy.split(".").every((part) => part !== "")) return dedupeBy;
  throw badOption(what, "dedupeBy", dedupeBy, 'where the key stands in the payload, such as "order.id", or a function');
}
