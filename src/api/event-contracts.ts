import { Type } from "typebox";
import { EVENT_KINDS, START_OUTCOMES } from "../core/event.ts";
import { TRIGGER_KINDS } from "../core/trigger.ts";
import { contract } from "./contract.ts";
import { Count, ErrorDocument, Flag, Json, Moment, oneOf, orNull, PAGE, pageOf, record, Text } from "./schema.ts";

const Happened = record({
  id: Count,
  at: Moment,
  kind: oneOf(EVENT_KINDS),
  name: Type.String({ description: "Of the event, the asset, the workflow, or what found it" }),
  payload: Json,
  key: orNull(Type.String()),
  partition: orNull(Type.String()),
  runId: orNull(Type.String({ description: "The run that caused it; null: it came from outside" })),
  workflow: orNull(Type.String({ description: "Of that run" })),
});

const HEARD_OUTCOMES = [...START_OUTCOMES, "unmatched"] as const;

const Heard = record({
  workflow: Type.String(),
  trigger: Type.String(),
  outcome: oneOf(HEARD_OUTCOMES),
  runId: orNull(Type.String()),
  error: orNull(ErrorDocument),
});

const Trigger = record({
  workflow: Type.String(),
  name: Type.String(),
  kind: oneOf(TRIGGER_KINDS),
  rule: Json,
  text: Type.String({ description: "As a person reads it" }),
  paused: Flag,
  dueAt: orNull({ ...Moment, description: "Of a source: when it is looked at next" }),
  held: { ...Count, description: "Runs of its workflow that are held back" },
});

export const eventContracts = {
  list: contract({
    method: "get",
    path: "/api/events",
    summary: "What has happened, newest first",
    role: "viewer",
    query: record({
      kind: Type.Optional(oneOf(EVENT_KINDS)),
      name: Type.Optional(Type.String({ maxLength: 500, pattern: "^[^\\u0000-\\u001f]*$" })),
      workflow: Type.Optional(Type.Array(Text(300), { maxItems: 100, description: "Caused by runs of these" })),
      ...PAGE,
    }),
    response: pageOf(Happened),
  }),
  emit: contract({
    method: "post",
    path: "/api/events/{event}",
    summary:
      "Say that something has happened: workflows that wait for it start. The body is its payload, whatever JSON it is",
    role: "operator",
    query: record({
      key: Type.Optional(
        Type.String({
          minLength: 1,
          maxLength: 500,
          description: "What tells it from a repetition: of events with one key, one starts a run",
        }),
      ),
    }),
    body: Json,
    response: record({
      event: Type.String(),
      key: orNull(Type.String()),
      heard: orNull(
        Type.Array(Heard, { description: "What became of it at each trigger; null: nobody said, it is recorded" }),
      ),
    }),
    status: 202,
    keyed: true,
    signed: true,
  }),
  triggers: contract({
    method: "get",
    path: "/api/triggers",
    summary: "What starts workflows besides schedules",
    role: "viewer",
    query: record({ workflow: Type.Optional(Type.Array(Text(300), { maxItems: 100 })), ...PAGE }),
    response: pageOf(Trigger),
  }),
};
