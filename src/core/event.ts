import type { Instant } from "./clock.ts";
import { TuttiError } from "./errors.ts";
import { encodedBytes, formatPath } from "./value-codec.ts";
import { TRIGGER_KINDS } from "./trigger.ts";

/**
 * What can happen. `asset`: one was materialized. `run`: one has ended. `file` and `poll`: a source has found something. `check`: of an asset, nobody hears
 * of it. `approval`: a person has answered; `refused`: a run that a task asked for can't be. Nothing starts by these, only who asked hears of them.
 */
export const EVENT_KINDS = [...TRIGGER_KINDS, "check", "approval", "refused"] as const;
export type EventKind = (typeof EVENT_KINDS)[number];

/** Something that has happened, as whoever says so gives it. */
export interface GivenEvent {
  readonly kind: EventKind;
  /** Of the event, the asset, the workflow, or the subscription that found it. */
  readonly name: string;
  /** JSON; `null`: it carries nothing. */
  readonly payload: string | null;
  /** What tells it from a repetition; `null`: nothing does. */
  readonly key: string | null;
  /** Of an asset; `null`: all of it, or not known. */
  readonly partition: string | null;
}

/** What a run is told of the events that started it. */
export interface StartEvent {
  readonly kind: EventKind;
  readonly name: string;
  readonly payload: unknown;
  readonly key: string | null;
  readonly partition: string | null;
  readonly at: Instant;
  /** The run that caused it; `null`: it came from outside. */
  readonly runId: string | null;
}

/** What is recorded of an event, as somebody is told of it. */
export const startEvent = ({
  kind,
  name,
  payload,
  key,
  partition,
  at,
  runId,
}: GivenEvent & Pick<StartEvent, "at" | "runId">): StartEvent => ({
  kind,
  name,
  payload: payload === null ? null : (JSON.parse(payload) as unknown),
  key,
  partition,
  at,
  runId,
});

/** Why there is a run, where events have started it. */
export interface Cause {
  /** The workflow's name for what started it. */
  readonly trigger: string;
  /** The last one first; of an asset only the last update. */
  readonly events: readonly StartEvent[];
  /** The workflows whose runs led to this one, the first one first. */
  readonly chain: readonly string[];
}

/** What became of an event at a trigger that hears of it. */
export const START_OUTCOMES = ["started", "repeated", "waiting", "passed_over", "no_room", "refused"] as const;
export type StartOutcome = (typeof START_OUTCOMES)[number];

/** Of its payload, in bytes of JSON. */
export const MAX_EVENT_BYTES = 256 * 1024;
const MAX_KEY_LENGTH = 500;
const MAX_NAME_LENGTH = 500;
const MAX_DEPTH = 100;

/** Runs that started each other, one after the other: longer than anybody means it. */
export const MAX_CHAIN = 100;

/** Printable, without blanks around: it is typed, listed and searched. @throws TuttiError `BAD_EVENT_NAME` */
export function checkEventName(name: unknown, what: string): string {
  if (typeof name === "string" && name !== "" && name.length <= MAX_NAME_LENGTH && !/[\p{Cc}\p{Cs}]/u.test(name))
    if (name.trim() === name) return name;
  const shown = typeof name === "string" ? JSON.stringify(name.slice(0, 80)) : String(name);
  throw new TuttiError(
    "BAD_EVENT_NAME",
    `${shown} is no name for ${what}: use 1 to ${MAX_NAME_LENGTH} characters without line breaks, such as "orders.received".`,
  );
}

/** Text that every store can hold as it is. */
const isStorable = (text: string): boolean =>
  text !== "" && text.length <= MAX_KEY_LENGTH && !text.includes("\0") && text.isWellFormed();

/** @throws TuttiError `BAD_DEDUPE_KEY` */
export function checkDedupeKey(key: unknown, what: string): string {
  if (typeof key === "string" && isStorable(key)) return key;
  const got =
    typeof key === "string"
      ? key === ""
        ? "an empty text"
        : `a text of ${key.length} characters${key.length > MAX_KEY_LENGTH ? "" : " that is no Unicode text"}`
      : key === null
        ? "null"
        : typeof key === "number"
          ? `the number ${key}`
          : key === undefined
            ? "nothing"
            : `a ${typeof key}`;
  throw new TuttiError(
    "BAD_DEDUPE_KEY",
    `${what} must be a text of 1 to ${MAX_KEY_LENGTH} characters; got ${got}. Make one, e.g. with String(id).`,
  );
}

/** A payload as text. `undefined`: none. @throws TuttiError `BAD_EVENT`, `EVENT_TOO_LARGE` */
export function encodePayload(payload: unknown, what: string): string | null {
  if (payload === undefined) return null;
  const wrong = notJson(payload, [], 0);
  if (wrong !== null) throw new TuttiError("BAD_EVENT", `${what} is no JSON: ${wrong}.`);
  return checkPayloadSize(JSON.stringify(payload), what);
}

/** A payload that came as text. @throws TuttiError `BAD_EVENT`, `EVENT_TOO_LARGE` */
export function readPayload(text: string, what: string): unknown {
  checkPayloadSize(text, what);
  try {
    return JSON.parse(text) as unknown;
  } catch (error) {
    throw new TuttiError("BAD_EVENT", `${what} is no JSON: ${(error as Error).message}.`);
  }
}

function checkPayloadSize(text: string, what: string): string {
  if (text.length <= MAX_EVENT_BYTES && encodedBytes(text) <= MAX_EVENT_BYTES) return text;
  throw new TuttiError(
    "EVENT_TOO_LARGE",
    `${what} has ${encodedBytes(text)} bytes; an event carries at most ${MAX_EVENT_BYTES}. Write it somewhere and send where it is.`,
  );
}

/** What somebody outside says has happened. @throws TuttiError `BAD_EVENT_NAME`, `BAD_EVENT`, `EVENT_TOO_LARGE`, `BAD_DEDUPE_KEY` */
export function readEvent(event: {
  readonly name: unknown;
  readonly payload?: unknown;
  readonly key?: unknown;
}): GivenEvent {
  const name = checkEventName(event.name, "an event");
  return {
    kind: "event",
    name,
    payload: encodePayload(event.payload, `The payload of event "${name}"`),
    key: event.key === undefined ? null : checkDedupeKey(event.key, `The key of event "${name}"`),
    partition: null,
  };
}

/** What about it JSON does not keep; `null`: nothing. */
function notJson(value: unknown, path: readonly (string | number)[], depth: number): string | null {
  const at = path.length === 0 ? "it" : `"${formatPath(path)}"`;
  if (depth > MAX_DEPTH) return `${at} is more than ${MAX_DEPTH} levels deep`;
  if (value === null || typeof value === "string" || typeof value === "boolean") return null;
  if (typeof value === "number") return Number.isFinite(value) ? null : `${at} is ${value}`;
  if (typeof value !== "object") return `${at} is ${value === undefined ? "undefined" : `a ${typeof value}`}`;
  if (Array.isArray(value)) return firstOf(value, (part, index) => notJson(part, [...path, index], depth + 1));
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== null && Object.getPrototypeOf(prototype) !== null)
    return `${at} is a ${(value.constructor as { name?: string } | undefined)?.name ?? "class instance"}, of which JSON keeps no more than a text or nothing`;
  // What is not there is not written: fields may be left out by giving them nothing.
  const fields = Object.entries(value).filter(([, field]) => field !== undefined);
  return firstOf(fields, ([key, field]) => notJson(field, [...path, key], depth + 1));
}

function firstOf<T>(all: readonly T[], find: (one: T, index: number) => string | null): string | null {
  for (const [index, one] of all.entries()) {
    const found = find(one, index);
    if (found !== null) return found;
  }
  return null;
}

/** @throws TuttiError `BAD_EVENT` */
export function checkPartition(partition: unknown, what: string): string {
  if (typeof partition === "string" && isStorable(partition)) return partition;
  throw new TuttiError("BAD_EVENT", `The partition of ${what} must be a text of 1 to ${MAX_KEY_LENGTH} characters.`);
}
