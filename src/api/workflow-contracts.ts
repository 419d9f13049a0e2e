import { Type } from "typebox";
import { RUN_STATES } from "../core/run-state.ts";
import { contract } from "./contract.ts";
import { TaskCounts } from "./run-contracts.ts";
import {
  CalendarDate,
  Count,
  doneWith,
  DRY_RUN,
  Flag,
  Json,
  listOf,
  Moment,
  oneOf,
  orNull,
  PAGE,
  pageOf,
  record,
  Text,
  Words,
  WorkflowName,
} from "./schema.ts";

const Paused = orNull(record({ since: Moment, by: Type.String() }));
const LastRun = orNull(record({ id: Type.String(), state: oneOf(RUN_STATES), createdAt: Moment }));

const WORKFLOW = {
  name: Type.String(),
  description: orNull(Type.String()),
  tags: Type.Array(Type.String()),
  file: Type.String(),
  version: Type.String(),
  deployed: Flag,
  retired: Flag,
  paused: Paused,
  tasks: Count,
  starts: Type.Array(Type.String(), { description: "What starts it by itself, as a person reads it" }),
  nextRun: orNull(Moment),
  lastRun: LastRun,
  runs: Type.Object({}, { additionalProperties: Count, description: "How many runs are in each state" }),
};

export const Workflow = record(WORKFLOW);
export const WorkflowDetail = record({ ...WORKFLOW, manifest: Json });

const VERSION = {
  id: { ...Count, description: "Its number in this store" },
  version: Type.String(),
  file: Type.String(),
  registeredAt: Moment,
  latest: Flag,
  unfinishedRuns: Count,
  outside: Json,
};

const Version = record({ ...VERSION, manifest: Type.Optional(Type.Unknown()) });
const VersionDetail = record({ ...VERSION, manifest: Json });

const Schedule = record({
  workflow: Type.String(),
  name: Type.String(),
  rule: Json,
  paused: Flag,
  nextRun: orNull(Moment),
  enabledSince: orNull({ ...Moment, description: "null: it is paused" }),
  unfinished: Count,
  active: {
    ...Count,
    description: "Of all its workflow's schedules: runs that have not ended, without those of backfills",
  },
  held: Count,
  cursor: { ...Json, description: "The last window that was decided, in local wall time; null: none" },
});

const ComingRun = record({ schedule: Type.String(), fireAt: Moment, window: record({ start: Moment, end: Moment }) });

const DecidedWindow = record({
  schedule: Type.String(),
  start: Type.String({ description: "Local wall time" }),
  end: Type.String(),
  startFold: { ...Count, description: "1: the second of two such times, where clocks fall back" },
  endFold: Count,
  timezone: Type.String(),
  startsAt: Moment,
  state: Type.String(),
  run: orNull(Type.String()),
  outcome: orNull(Type.String()),
});

const PauseState = record({ workflow: Type.String(), paused: Paused, changed: Flag });

const GraphNode = record({
  name: Type.String(),
  kind: Type.String(),
  description: orNull(Type.String()),
  group: orNull(Type.Integer()),
  rule: Type.String(),
  mapped: Flag,
  sensor: Flag,
  queue: orNull(Type.String()),
  counts: orNull(TaskCounts),
});

const Graph = record({
  workflow: Type.String(),
  version: Type.String(),
  run: orNull(Type.String()),
  tasks: Type.Array(GraphNode),
  groups: Type.Array(record({ name: Type.String(), parent: orNull(Type.Integer()), each: Flag })),
  edges: Type.Array(Type.Array(Type.Integer()), {
    description: "[from, to, kind]: places in `tasks`, and in `edgeKinds`",
  }),
  edgeKinds: Type.Array(Type.String()),
});

const Grid = record({
  workflow: Type.String(),
  tasks: Type.Array(Type.String(), { description: "Newest version's order; then those that are gone" }),
  states: Type.Object(
    {},
    {
      additionalProperties: Type.String(),
      description: "What each letter of `cells` stands for",
    },
  ),
  runs: Type.Array(
    record({
      id: Type.String(),
      version: Type.String(),
      state: oneOf(RUN_STATES),
      date: Type.String(),
      partition: Type.Optional(Type.String({ description: "The key of the partition that it makes. Absent: none" })),
      trigger: Type.String(),
      createdAt: Moment,
      startedAt: orNull(Moment),
      endedAt: orNull(Moment),
      cells: Type.String({ description: "A letter for each task; a mapped one has that of its worst element" }),
      mapped: Type.Object(
        {},
        { additionalProperties: TaskCounts, description: "By place in `tasks`: elements in more than one state" },
      ),
    }),
  ),
  next: orNull(Type.String()),
});

const LoadProblem = record({
  code: Type.String(),
  message: Type.String(),
  workflow: orNull(Type.String()),
  file: Type.String(),
  line: orNull(Type.Integer()),
  column: orNull(Type.Integer()),
  excerpt: orNull(Type.String()),
});

export const workflowContracts = {
  list: contract({
    method: "get",
    path: "/api/workflows",
    summary: "Workflows, by name",
    role: "viewer",
    query: record({ tag: Type.Optional(Words), q: Type.Optional(Text(200)), retired: Type.Optional(Flag), ...PAGE }),
    response: pageOf(Workflow),
  }),
  get: contract({
    method: "get",
    path: "/api/workflows/{workflow}",
    summary: "One workflow, with the manifest of its latest version",
    role: "viewer",
    response: WorkflowDetail,
  }),
  versions: contract({
    method: "get",
    path: "/api/workflows/{workflow}/versions",
    summary: "Its versions, newest first",
    role: "viewer",
    query: record({ manifests: Type.Optional({ ...Flag, description: "With their manifests" }), ...PAGE }),
    response: pageOf(Version),
  }),
  version: contract({
    method: "get",
    path: "/api/workflows/{workflow}/versions/{version}",
    summary: "One version, with its manifest",
    role: "viewer",
    response: VersionDetail,
  }),
  diff: contract({
    method: "get",
    path: "/api/workflows/{workflow}/versions/{version}/diff",
    summary: "How the graph of a version differs from that of another",
    role: "viewer",
    query: record({
      from: Type.Optional(Type.String({ minLength: 1, maxLength: 200, description: "Default: the one before" })),
    }),
    response: record({ before: Version, after: Version, diff: Json, same: Flag }),
  }),
  grid: contract({
    method: "get",
    path: "/api/workflows/{workflow}/grid",
    summary: "Runs × tasks, compact: a letter each",
    role: "viewer",
    query: record({ runs: Type.Optional(Type.Integer({ minimum: 1, maximum: 200 })), cursor: PAGE.cursor }),
    response: Grid,
  }),
  graph: contract({
    method: "get",
    path: "/api/workflows/{workflow}/graph",
    summary: "Tasks and what depends on what; with a run, in which states they are",
    role: "viewer",
    query: record({
      version: Type.Optional(Type.String({ minLength: 1, maxLength: 200 })),
      run: Type.Optional(Type.String({ pattern: "^[0-9a-zA-Z]{1,26}$" })),
    }),
    response: Graph,
  }),
  pause: contract({
    method: "post",
    path: "/api/workflows/{workflow}/pause",
    summary: "Let its schedules start nothing",
    role: "operator",
    response: PauseState,
  }),
  unpause: contract({
    method: "post",
    path: "/api/workflows/{workflow}/unpause",
    summary: "Let its schedules start runs again",
    role: "operator",
    response: PauseState,
  }),
  bulk: contract({
    method: "post",
    path: "/api/workflows/bulk",
    summary: "Pause or unpause many workflows",
    role: "operator",
    body: record({
      act: oneOf(["pause", "unpause"]),
      names: Type.Optional(
        Type.Array(WorkflowName, { minItems: 1, maxItems: 1000, description: "Either these, or a selection" }),
      ),
      selection: Type.Optional(
        record(
          {
            tag: Type.Optional({ ...Words, description: "With one of these tags" }),
            q: Type.Optional(Type.String({ maxLength: 200, description: "With this in their name" })),
          },
          "Of those to which it can be done as they are",
        ),
      ),
      dryRun: DRY_RUN,
    }),
    response: doneWith(Type.String()),
  }),
  preview: contract({
    method: "get",
    path: "/api/workflows/{workflow}/preview",
    summary: "The runs that its schedules will make",
    role: "viewer",
    query: record({
      after: Type.Optional(Moment),
      count: Type.Optional(Type.Integer({ minimum: 1, maximum: 1000, description: "Default: 10" })),
    }),
    response: listOf(ComingRun),
  }),
  windows: contract({
    method: "get",
    path: "/api/workflows/{workflow}/windows",
    summary: "What was decided about the windows of a schedule, in order",
    role: "viewer",
    query: record({
      schedule: Type.Optional(Text(200)),
      from: CalendarDate,
      to: CalendarDate,
      limit: Type.Optional(
        Type.Integer({ minimum: 1, maximum: 10_000, description: "At most so many. Default: 10,000" }),
      ),
      cursor: PAGE.cursor,
    }),
    response: pageOf(DecidedWindow),
  }),
  schedules: contract({
    method: "get",
    path: "/api/schedules",
    summary: "The schedules of all workflows",
    role: "viewer",
    query: record({ workflow: Type.Optional(Type.Array(Text(300), { maxItems: 100 })), ...PAGE }),
    response: pageOf(Schedule),
  }),
  loadErrors: contract({
    method: "get",
    path: "/api/load-errors",
    summary: "What is wrong with pipeline files now",
    role: "viewer",
    query: record(PAGE),
    response: pageOf(LoadProblem),
  }),
};
