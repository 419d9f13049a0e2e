import { type Asset, assetName } from "../authoring/asset.ts";
import type { EmitOptions, MaterializedOptions } from "../authoring/context.ts";
import type { EventInfo } from "../authoring/event-info.ts";
import { dateFromInstant } from "../core/clock.ts";
import { TuttiError } from "../core/errors.ts";
import {
  type Cause,
  checkDedupeKey,
  checkEventName,
  checkPartition,
  encodePayload,
  type GivenEvent,
  type StartEvent,
} from "../core/event.ts";
import type { TaskManifest } from "../core/manifest.ts";
import type { Attempt } from "./attempt.ts";
import type { Outcome } from "./protocol.ts";

/** They travel with the result, in one message. */
const MAX_EVENTS = 1_000;

/** @throws TuttiError `BAD_EVENT_NAME`, `BAD_EVENT`, `EVENT_TOO_LARGE`, `BAD_DEDUPE_KEY`, `TOO_MANY_EVENTS` */
export function emit(attempt: Attempt, event: string, payload: object | undefined, { key }: EmitOptions = {}): void {
  const name = checkEventName(event, "an event");
  const what = `The payload of event "${name}"`;
  add(attempt, {
    kind: "event",
    name,
    payload: encodePayload(payload, what),
    key: key === undefined ? null : checkDedupeKey(key, `The key of event "${name}"`),
    partition: null,
  });
}

/** @throws TuttiError `BAD_ASSET`, `BAD_EVENT`, `EVENT_TOO_LARGE`, `TOO_MANY_EVENTS` */
export function materialized(
  attempt: Attempt,
  asset: Asset,
  metadata: object | undefined,
  { partition }: MaterializedOptions = {},
): void {
  const name = assetName(asset, "ctx.materialized");
  add(attempt, {
    kind: "asset",
    name,
    payload: encodePayload(metadata, `The metadata of asset "${name}"`),
    key: null,
    partition: partition === undefined ? ownPartition(attempt, name) : checkPartition(partition, `asset "${name}"`),
  });
}

function add(attempt: Attempt, event: GivenEvent): void {
  if (attempt.events.length >= MAX_EVENTS)
    throw new TuttiError(
      "TOO_MANY_EVENTS",
      `The task said that more than ${MAX_EVENTS} things have happened. Emit one event with a list, or map a task over them.`,
    );
  attempt.events.push(event);
}

/** A success, with what was said meanwhile and what the task makes by its options. */
export function withEvents(attempt: Attempt, task: TaskManifest, outcome: Outcome): Outcome {
  if (outcome.state !== "succeeded" || (task.produces === undefined && !attempt.hasEvents)) return outcome;
  const events = eventsOf(attempt, task);
  return events.length === 0 ? outcome : { ...outcome, events };
}

/** What has happened, if it succeeds. */
export function eventsOf(attempt: Attempt, { produces = [] }: TaskManifest): readonly GivenEvent[] {
  const said = new Set(attempt.events.flatMap(({ kind, name }) => (kind === "asset" ? [name] : [])));
  const silent = produces.filter((name) => !said.has(name));
  return [
    ...attempt.events,
    ...silent.map((name): GivenEvent => ({
      kind: "asset",
      name,
      payload: null,
      key: null,
      partition: ownPartition(attempt, name),
    })),
  ];
}

/** That of the run, for an asset that is cut into some; `null`: all of it was made. */
function ownPartition({ run, version, task: { task } }: Attempt, asset: string): string | null {
  if (run.partition === undefined) return null;
  const said = version?.built.manifest.tasks[task]?.assets?.find(({ name }) => name === asset);
  return said?.partitions === undefined ? null : run.partition.key;
}

/** What a run is told of that events have started. */
export const startedBy = (cause: string | null): readonly EventInfo[] =>
  cause === null ? [] : (JSON.parse(cause) as Cause).events.map(eventInfo);

export const eventInfo = ({ at, kind, ...event }: StartEvent): EventInfo =>
  // Nothing is started by a check or an answer.
  Object.freeze({ kind: kind as EventInfo["kind"], ...event, at: dateFromInstant(at) });
