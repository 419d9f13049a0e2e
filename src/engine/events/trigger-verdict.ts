import { toErrorData } from "../../core/error-data.ts";
import { type ErrorData, TuttiError } from "../../core/errors.ts";
import { keyAt, matchesFields } from "../../core/event-match.ts";
import { MAX_CHAIN } from "../../core/event.ts";
import type { RunState } from "../../core/run-state.ts";
import { matchesEnd } from "../../core/trigger.ts";
import { decodeValue } from "../../core/value-codec.ts";
import type { TriggerAnswer, TriggerQuestion } from "../../runtime/protocol.ts";
import type { VersionRecord } from "../../store/store.ts";
import { acceptedParams, type AcceptedParams } from "../parse-params.ts";
import { isPassing } from "../patience.ts";
import type { KnownTrigger } from "./known-trigger.ts";
import type { Occurrence } from "./occurrence.ts";

/** Whoever can ask the code of a version. */
export interface TriggerAsker {
  /** @throws TuttiError as `parseParams`; what the store or the disk says */
  parse(version: VersionRecord, params: unknown): Promise<AcceptedParams>;
  /** @throws TuttiError when the code could not be had */
  ask(version: VersionRecord, question: TriggerQuestion): Promise<TriggerAnswer>;
}

/** What a trigger makes of an event; `null`: it is not meant. */
export type TriggerVerdict = {
  readonly key: string | null;
  /** As the user gave them; `undefined`: none. */
  readonly input: unknown;
  readonly parsed: AcceptedParams;
} | null;

/** Errors that say nothing about the trigger: the next time it may answer. */
const PASSING = new Set(["WORKER_CLOSED", "NO_WORKER", "CODE_NOT_LOADED"]);

/** Whether another try may help. */
export const mayPass = (thrown: unknown): boolean => isPassing(thrown) || PASSING.has(toErrorData(thrown).code ?? "");

/** @throws TuttiError what is wrong with the event for this trigger; what passes */
export async function judge(known: KnownTrigger, occurrence: Occurrence, asker: TriggerAsker): Promise<TriggerVerdict> {
  const { trigger, version } = known;
  const { event } = occurrence;
  if (trigger.kind === "run" && !matchesEnd(trigger.end, (event.payload as { state: RunState }).state)) return null;
  if (trigger.kind === "event" && trigger.match !== undefined && !matchesFields(event.payload, trigger.match))
    return null;
  refuseEndless(known, occurrence);
  const own = trigger.kind === "event" && trigger.dedupeBy !== undefined;
  if (trigger.functions === undefined) {
    const key = own ? keyAt(event.payload, trigger.dedupeBy, `event "${event.name}"`) : event.key;
    return { key, ...(await ownParams(known, asker)) };
  }
  const input = trigger.params ?? null;
  const answer = await asker.ask(version, { kind: "event", trigger: trigger.name, event, input });
  if (!answer.ok) throw refusedBy(known, answer.error);
  if (!("matches" in answer) || !answer.matches) return null;
  return {
    key: answer.key ?? (own ? keyAt(event.payload, trigger.dedupeBy, `event "${event.name}"`) : event.key),
    input: answer.input === null ? undefined : decodeValue(answer.input),
    parsed: acceptedParams(version.workflow, answer.params),
  };
}

/** What its runs are started with, whatever has happened. */
export async function ownParams(
  { trigger, version }: KnownTrigger,
  asker: TriggerAsker,
): Promise<{ readonly input: unknown; readonly parsed: AcceptedParams }> {
  const input = trigger.params === undefined ? undefined : decodeValue(trigger.params);
  return { input, parsed: await asker.parse(version, input) };
}

/** @throws TuttiError `TRIGGER_LOOP` */
export function refuseEndless({ record }: KnownTrigger, { chain }: Occurrence): void {
  if (chain.length < MAX_CHAIN) return;
  const last = chain.lastIndexOf(record.workflow);
  const loop = last === -1 ? chain.slice(-5) : chain.slice(last);
  throw new TuttiError(
    "TRIGGER_LOOP",
    `${MAX_CHAIN} runs have started each other, one after the other, and the next one would be of workflow "${record.workflow}": ${[...loop, record.workflow].join(" -> ")}. It is not started. Do they mean to go on for ever? Then use a schedule, or a flow.`,
  );
}

const refusedBy = ({ record }: KnownTrigger, { code, message }: ErrorData): TuttiError =>
  new TuttiError(
    code ?? "TRIGGER_FAILED",
    `Trigger "${record.name}" of workflow "${record.workflow}" could not be asked: ${message}`,
  );
