import type { WaitForEventOptions } from "../../authoring/context.ts";
import { badOption, durationOption } from "../../authoring/known-options.ts";
import type { ApprovalAsk } from "../../core/approval.ts";
import type { Instant } from "../../core/clock.ts";
import { checkEventName, type StartEvent } from "../../core/event.ts";
import { matchesFields } from "../../core/event-match.ts";
import { eventInfo } from "../emitted.ts";
import type { EmittedSince } from "../protocol.ts";
import type { Parking } from "./parking.ts";

/** What was emitted under a name after a mark, with the next mark; `null`: only the mark that there is now. */
export type EmittedPort = (name: string, after: string | null) => Promise<EmittedSince>;

/** An event that a body waits for. */
export interface WantedEvent {
  readonly name: string;
  readonly fields: Readonly<Record<string, unknown>> | null;
  readonly matches: (event: StartEvent) => boolean;
  /** It is asked for with this. Default: somebody says so by themselves. */
  readonly approval?: ApprovalAsk;
  /** `null`: as long as it takes. */
  readonly timeoutMs: number | null;
}

/** @throws TuttiError `BAD_EVENT_NAME`, `BAD_OPTION`, `BAD_DURATION` */
export function readWanted(name: string, { match, timeout }: WaitForEventOptions, what: string): WantedEvent {
  checkEventName(name, "an event");
  if (match !== undefined && typeof match !== "function" && (typeof match !== "object" || match === null))
    throw badOption(what, "match", match, "an object of fields, or a function of the event");
  const timeoutMs = durationOption(timeout, what, "timeout");
  const isMeant = (event: StartEvent): boolean =>
    match === undefined ||
    (typeof match === "function" ? match(eventInfo(event)) : matchesFields(event.payload, match));
  const fields = match === undefined ? {} : typeof match === "function" ? null : match;
  return { name, timeoutMs, fields, matches: (event) => event.kind === "event" && isMeant(event) };
}

/** The first that matches; `null`: none has come when the time is over. */
export async function hearEvent(
  { name, fields, matches, approval }: Omit<WantedEvent, "timeoutMs">,
  from: { readonly dueAt: Instant; readonly mark: string },
  { ports, parking }: { readonly ports: { readonly events: EmittedPort }; readonly parking: Parking },
): Promise<StartEvent | null> {
  let { mark } = from;
  for (let isDue = false; ;) {
    const said = await parking.whileWriting(() => ports.events(name, mark));
    const found = said.events.find(matches);
    if (found !== undefined || isDue) return found ?? null;
    ({ mark } = said);
    isDue = await parking.wait(from.dueAt, { event: { name, after: mark, fields }, ...(approval && { approval }) });
  }
}
