import { Type } from "typebox";
import { contract } from "./contract.ts";
import { Flag, Json, Moment, orNull, PAGE, pageOf, record, Text, Words } from "./schema.ts";

const WorkingProcess = record({
  name: Type.String(),
  alive: Flag,
  roles: Type.Array(Type.String()),
  queues: Type.Array(Type.String()),
  slots: Type.Integer(),
  labels: Json,
  host: Type.String(),
  pid: Type.Integer(),
  release: Type.String(),
  node: Type.String(),
  timeZones: Type.String(),
  clockAheadMs: orNull(Type.Number()),
  startedAt: Moment,
});

const Health = record({ ok: Flag });

export const serverContracts = {
  live: contract({
    method: "get",
    path: "/health/live",
    summary: "The server answers",
    role: "nobody",
    response: Health,
  }),
  ready: contract({
    method: "get",
    path: "/health/ready",
    summary: "The store answers, too; otherwise 503",
    role: "nobody",
    response: Health,
  }),
  openapi: contract({
    method: "get",
    path: "/api/openapi.json",
    summary: "This description",
    role: "nobody",
    response: Json,
  }),
  workers: contract({
    method: "get",
    path: "/api/workers",
    summary: "The processes that schedule, work and serve, and those that died within the last day",
    role: "viewer",
    query: record(PAGE),
    response: pageOf(WorkingProcess),
  }),
  events: contract({
    method: "get",
    path: "/api/live",
    summary: "One stream of what changes: a snapshot, then deltas with rising ids",
    role: "viewer",
    query: record({
      topics: Type.Optional({
        ...Words,
        description: "Separated by commas: `runs`, `workflows`, `run:<id>`, `logs:<id>`. Default: runs,workflows",
      }),
      after: Type.Optional(Text(100)),
    }),
    response: Type.String(),
    media: "text/event-stream",
  }),
  metrics: contract({
    method: "get",
    path: "/metrics",
    summary: "Figures for Prometheus",
    role: "viewer",
    response: Type.String(),
    media: "text/plain",
  }),
};
