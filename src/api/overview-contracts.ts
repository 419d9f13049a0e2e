import { Type } from "typebox";
import { RUN_STATES } from "../core/run-state.ts";
import { WORKFLOW_NEWS } from "../core/workflow-news.ts";
import { contract } from "./contract.ts";
import { Count, ErrorDocument, Flag, listOf, Moment, oneOf, orNull, record, Text, WorkflowName } from "./schema.ts";

const RunCounts = Type.Object(
  {},
  { additionalProperties: Count, description: "By state; one that none is in is absent" },
);

/** How it went: no more than its colour, its length and whose day it was. */
const RECENT = {
  id: Type.String(),
  state: oneOf(RUN_STATES),
  date: Type.String(),
  partition: Type.Optional(Type.String({ description: "The key of the partition that it makes. Absent: none" })),
  startedAt: orNull(Moment),
  endedAt: orNull(Moment),
};
/** A run as a bar in time: no more than is drawn of it. */
const RunBar = record({ ...RECENT, createdAt: Moment });

const News = record({
  kind: oneOf(WORKFLOW_NEWS),
  workflow: Type.String(),
  since: Moment,
  run: orNull({ ...RunBar, description: "The one that tells it" }),
  usualMs: orNull({ ...Count, description: "Of the runs before: how long they may take and be as usual" }),
  failedTask: orNull(record({ task: Type.String(), mapIndex: orNull(Type.Integer()), error: orNull(ErrorDocument) })),
  recent: Type.Array(RunBar, { description: "The last 14, the newest first" }),
});

const ComingRun = record({ workflow: Type.String(), schedule: Type.String(), fireAt: Moment });

const Lane = record({
  workflow: Type.String(),
  runs: Type.Array(RunBar, { description: "Newest first" }),
  coming: Type.Array(Moment, { description: "When its schedules fire" }),
});

export const overviewContracts = {
  now: contract({
    method: "get",
    path: "/api/overview",
    summary: "What there is in numbers, and which workflows somebody should look at",
    role: "viewer",
    response: record({
      at: Moment,
      workflows: record({ total: Count, paused: Count, retired: Count, loadErrors: Count }),
      runs: RunCounts,
      backfills: record({ running: Count, paused: Count }),
      alerts: record({ failed: Count, more: { ...Flag, description: "There are more than these" } }),
      processes: record({ schedulers: Count, workers: Count, servers: Count, slots: Count }),
      news: Type.Array(News, { description: "What needs somebody first, and of these the newest" }),
    }),
  }),
  recent: contract({
    method: "get",
    path: "/api/recent-runs",
    summary: "The last 14 runs of each workflow, as bars",
    role: "viewer",
    response: listOf(
      record({
        workflow: Type.String(),
        runs: Type.Array(record(RECENT), { description: "Newest first; none: it never ran" }),
      }),
    ),
  }),
  timeline: contract({
    method: "get",
    path: "/api/timeline",
    summary: "Runs of all workflows from one moment to another, and those that schedules will start",
    role: "viewer",
    query: record({
      from: Moment,
      to: Moment,
      workflow: Type.Optional(Type.Array(WorkflowName, { maxItems: 100, description: "Separated by commas" })),
      tag: Type.Optional(Type.Array(Text(200), { maxItems: 100, description: "Separated by commas" })),
    }),
    response: record({
      from: Moment,
      to: Moment,
      now: Moment,
      lanes: Type.Array(Lane),
      more: { ...Flag, description: "There are more runs than 5,000: the oldest are missing" },
    }),
  }),
  coming: contract({
    method: "get",
    path: "/api/schedules/coming",
    summary: "The next runs that schedules will make, of all workflows",
    role: "viewer",
    query: record({
      workflow: Type.Optional(Type.Array(WorkflowName, { maxItems: 100, description: "Separated by commas" })),
      after: Type.Optional({ ...Moment, description: "Default: now" }),
      until: Type.Optional({ ...Moment, description: "Default: a day later" }),
      count: Type.Optional(Type.Integer({ minimum: 1, maximum: 1000, description: "Default: 100" })),
    }),
    response: listOf(ComingRun),
  }),
};
