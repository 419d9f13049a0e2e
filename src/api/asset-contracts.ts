import { Type } from "typebox";
import { CHECK_STATUSES } from "../core/check-result.ts";
import { contract } from "./contract.ts";
import { Count, Flag, Json, Moment, oneOf, orNull, PAGE, pageOf, record, RunId, Text } from "./schema.ts";

/** `updated` and `never`: nothing says how old it may be, and it was updated, or not yet. */
const ASSET_STATES = ["fresh", "late", "updated", "never"] as const;

const Place = record({ workflow: Type.String(), task: Type.String() });

const SOURCE = {
  run: orNull(Type.String()),
  workflow: orNull(Type.String()),
  task: orNull(Type.String()),
  taskRun: orNull(Type.Integer()),
  date: orNull(Type.String({ description: "`ctx.date` of the run" })),
};

const Materialization = record({
  id: Type.Integer(),
  at: Moment,
  partition: orNull(Type.String()),
  metadata: Json,
  ...SOURCE,
});

const Finding = record({
  id: Type.Integer(),
  at: Moment,
  check: Type.String(),
  status: oneOf(CHECK_STATUSES),
  message: orNull(Type.String()),
  metadata: Json,
  blocking: Flag,
  tookMs: Type.Number(),
  partition: orNull(Type.String()),
  ...SOURCE,
});

const Counts = record({ pass: Count, warn: Count, fail: Count });

const Freshness = orNull(
  record({
    policy: Json,
    text: Type.String({ description: "The policy in words" }),
    lateAt: Type.Optional(Moment),
    lateSince: Type.Optional(Moment),
  }),
);

const ASSET = {
  name: Type.String(),
  description: orNull(Type.String()),
  owner: orNull(Type.String()),
  tags: Type.Array(Type.String()),
  state: oneOf(ASSET_STATES),
  freshness: Freshness,
  last: orNull(Materialization),
  checks: Counts,
  makers: Type.Array(Place),
  readers: Type.Array(Place),
  starts: Type.Array(Type.String(), { description: "Workflows that start when it is updated" }),
  from: Type.Array(Type.String(), { description: "Assets that it is made from" }),
  into: Type.Array(Type.String(), { description: "Assets that are made from it" }),
};

/** Its checks, each with what it found last; those that no code has any more are of no task. */
const Findings = Type.Array(
  record({
    check: Type.String(),
    description: orNull(Type.String()),
    blocking: Flag,
    workflow: orNull(Type.String()),
    task: orNull(Type.String()),
    last: orNull(Finding),
  }),
);

const Asset = record({ ...ASSET, findings: Type.Optional(Findings) });

const AssetDetail = record({ ...ASSET, findings: Findings });

const AssetGraph = record({
  assets: Type.Array(
    record({
      name: Type.String(),
      state: oneOf(ASSET_STATES),
      updatedAt: orNull(Moment),
      lateAt: orNull(Moment),
      checks: Counts,
      owner: orNull(Type.String()),
      tags: Type.Array(Type.String()),
    }),
  ),
  edges: Type.Array(
    record({
      from: Type.String(),
      to: Type.String(),
      workflow: Type.String(),
      task: Type.String(),
      started: Flag,
    }),
  ),
});

export const assetContracts = {
  list: contract({
    method: "get",
    path: "/api/assets",
    summary: "Assets that deployed code speaks of, or that were ever updated, by name",
    role: "viewer",
    query: record({
      search: Type.Optional(Text(200)),
      state: Type.Optional(oneOf(ASSET_STATES)),
      workflow: Type.Optional(Text(300)),
      failing: Type.Optional(Type.Boolean({ description: "Only those of which a check failed last" })),
      findings: Type.Optional({ ...Flag, description: "With each check and what it found last. Default: false" }),
      ...PAGE,
    }),
    response: pageOf(Asset),
  }),
  graph: contract({
    method: "get",
    path: "/api/asset-graph",
    summary: "Which assets are made from which, over all workflows",
    role: "viewer",
    response: AssetGraph,
  }),
  get: contract({
    method: "get",
    path: "/api/assets/{asset}",
    summary: "An asset with its checks",
    role: "viewer",
    response: AssetDetail,
  }),
  updates: contract({
    method: "get",
    path: "/api/assets/{asset}/materializations",
    summary: "What updated it, newest first",
    role: "viewer",
    query: record({ partition: Type.Optional(Text(500)), ...PAGE }),
    response: pageOf(Materialization),
  }),
  findings: contract({
    method: "get",
    path: "/api/assets/{asset}/checks",
    summary: "What its checks found, newest first",
    role: "viewer",
    query: record({ check: Type.Optional(Text(500)), run: Type.Optional(RunId), ...PAGE }),
    response: pageOf(Finding),
  }),
};
