import type { TriggerFunctions } from "../authoring/event-trigger.ts";
import { toErrorData } from "../core/error-data.ts";
import { TuttiError } from "../core/errors.ts";
import { checkDedupeKey, encodePayload } from "../core/event.ts";
import { encodeValue } from "../core/value-codec.ts";
import type { LoadedVersion } from "./code.ts";
import { currentTrigger } from "./current-trigger.ts";
import { eventInfo } from "./emitted.ts";
import { parseParams } from "./params.ts";
import type { FoundEvent, TriggerAnswer, TriggerQuestion } from "./protocol.ts";

/** A million at once is no batch any more: `more` brings the rest. */
const MAX_FOUND = 1_000;

/** What the functions of a trigger make of an event, or what its source has found. Never throws. */
export async function askTrigger(version: LoadedVersion, question: TriggerQuestion): Promise<TriggerAnswer> {
  const triggers = version.built.manifest.triggers ?? [];
  const place = triggers.findIndex(({ name }) => name === question.trigger);
  const functions = version.built.triggers[place];
  const abort = new AbortController();
  const timer = question.kind === "poll" ? setTimeout(() => abort.abort(tooLate(question)), question.timeoutMs) : null;
  try {
    if (functions === undefined)
      throw new TuttiError(
        "VERSION_DIFFERS",
        `Workflow "${version.info.workflow}" has no trigger "${question.trigger}" in its code here.`,
      );
    return await currentTrigger.run({ version, signal: abort.signal }, async () =>
      question.kind === "poll"
        ? { ok: true, found: await unlessAborted(poll(functions, question, abort.signal), abort.signal) }
        : await matched(version, functions, question),
    );
  } catch (error) {
    return { ok: false, error: toErrorData(error) };
  } finally {
    if (timer !== null) clearTimeout(timer);
  }
}

async function matched(
  version: LoadedVersion,
  functions: TriggerFunctions,
  { trigger, event, input }: TriggerQuestion & { kind: "event" },
): Promise<TriggerAnswer> {
  const info = eventInfo(event);
  if (functions.match !== undefined && !(await functions.match(info))) return { ok: true, matches: false };
  const key =
    functions.dedupeBy === undefined
      ? null
      : checkDedupeKey(await functions.dedupeBy(info), `What "dedupeBy" of trigger "${trigger}" gives`);
  const given = functions.params === undefined ? undefined : await functions.params(info);
  const text =
    functions.params === undefined ? input : given === undefined ? null : encodeValue(given, { at: "params" });
  return { ok: true, matches: true, key, input: text, params: await parseParams(version, text) };
}

async function poll(
  { poll: look }: TriggerFunctions,
  { trigger, cursor, fresh }: TriggerQuestion & { kind: "poll" },
  signal: AbortSignal,
) {
  const what = `What trigger "${trigger}" found`;
  const found: unknown = await look?.(cursor === null ? null : JSON.parse(cursor), { signal, fresh });
  if (found === undefined || found === null) return null;
  const { cursor: next, events, more = false } = found as { cursor: unknown; events: unknown; more?: unknown };
  if (next === undefined || next === null || !Array.isArray(events) || typeof more !== "boolean")
    throw new TuttiError(
      "BAD_POLL",
      `${what} is not { cursor, events: […] }. Give the cursor for the next look, and the events since the last one.`,
    );
  if (events.length > MAX_FOUND)
    throw new TuttiError(
      "BAD_POLL",
      `${what} are ${events.length} events; at most ${MAX_FOUND} at once, with "more: true".`,
    );
  const read = events.map((event: { key?: unknown; payload?: unknown }): FoundEvent => ({
    key: event.key === undefined ? null : checkDedupeKey(event.key, `The key of ${what.toLowerCase()}`),
    payload: encodePayload(event.payload, what),
  }));
  return { cursor: encodePayload(next, `The cursor of trigger "${trigger}"`)!, events: read, more };
}

function unlessAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  const { promise, reject } = Promise.withResolvers<never>();
  signal.addEventListener("abort", () => reject(signal.reason as Error), { once: true });
  promise.catch(() => {});
  return Promise.race([work, promise]);
}

const tooLate = ({ trigger, timeoutMs }: TriggerQuestion & { kind: "poll" }): TuttiError =>
  new TuttiError("TRIGGER_TIMED_OUT", `Trigger "${trigger}" did not end within ${timeoutMs} ms, its "timeout".`);
