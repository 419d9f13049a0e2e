import { Type } from "typebox";
import { MARKS } from "../core/control.ts";
import { RUN_STATES } from "../core/run-state.ts";
import { TASK_RUN_STATES } from "../core/task-run-state.ts";
import { contract } from "./contract.ts";
import { RUN_SELECTION } from "./run-selection.ts";
import {
  CalendarDate,
  Count,
  ErrorDocument,
  Flag,
  Json,
  Moment,
  oneOf,
  orNull,
  PAGE,
  pageOf,
  record,
  RunId,
  someOf,
  Text,
  WorkflowName,
} from "./schema.ts";

const RUN_TRIGGERS = ["schedule", "manual", "event", "asset", "run", "backfill"] as const;

/** How many task runs are in each state. */
export const TaskCounts = Type.Object(
  Object.fromEntries(TASK_RUN_STATES.map((state) => [state, Type.Optional(Count)])) as Record<
    (typeof TASK_RUN_STATES)[number],
    ReturnType<typeof Type.Optional<typeof Count>>
  >,
  { description: "Those that have left `waiting` at least once; a state that none is in is absent" },
);

const RUN = {
  id: RunId,
  workflow: Type.String(),
  version: Type.String(),
  state: oneOf(RUN_STATES),
  generation: Type.Integer(),
  trigger: oneOf(RUN_TRIGGERS),
  interval: record({ start: Moment, end: Moment }),
  date: Type.String(),
  timezone: Type.String(),
  partition: orNull(Type.String({ description: "The key of the partition that it makes; null: none" })),
  cancelRequested: Flag,
  createdAt: Moment,
  startedAt: orNull(Moment),
  endedAt: orNull(Moment),
  held: Type.Optional({ ...Flag, description: "It waits for its turn, or its past. Only in lists" }),
  tasks: TaskCounts,
};

export const Run = record(RUN);
export const RunDetail = record({
  ...RUN,
  backfill: orNull(Type.String({ description: "The backfill that started it" })),
  params: { ...Json, description: "As the workflow got them; null: none" },
  input: { ...Json, description: "As they were given; null: none" },
});

const NewRun = record({
  workflow: WorkflowName,
  version: Type.Optional(Type.String({ minLength: 1, maxLength: 200, description: "Default: the latest" })),
  date: Type.Optional({ ...CalendarDate, description: "The window that contains it. Default: the last closed one" }),
  window: Type.Optional(record({ start: Moment, end: Moment }, "Instead of a date: exactly this")),
  partition: Type.Optional({
    ...Text(2000),
    description: "Instead of a date: the key of the partition that it makes, as in a backfill",
  }),
  id: Type.Optional({ ...RunId, description: "Its id, made within a day: asked twice with one, it is started once" }),
  params: Type.Optional(Json),
  fresh: Type.Optional({ ...Flag, description: "It takes no value that another run has made. Default: false" }),
});

export const RETRY_VERSIONS = ["same", "latest"] as const;
const Retry = record({
  fresh: Type.Optional({
    ...Flag,
    description: "From its first task: nothing keeps its value, and none of another run is taken",
  }),
  version: Type.Optional(oneOf(RETRY_VERSIONS, "The code it goes on with. Default: same")),
});

const TaskNames = Type.Array(Type.String({ minLength: 1, maxLength: 200 }), { minItems: 1, maxItems: 1000 });

export const BULK_ACTS = ["cancel", "retry", "clear", "mark"] as const;
const Bulk = record({
  act: oneOf(BULK_ACTS, "clear and mark: of tasks, as of one run. cancel: of runs, or of their tasks"),
  ids: Type.Optional(Type.Array(RunId, { minItems: 1, maxItems: 1000, description: "Either these, or a selection" })),
  selection: Type.Optional(record(RUN_SELECTION)),
  retry: Type.Optional(Retry),
  tasks: Type.Optional(TaskNames),
  downstream: Type.Optional({ ...Flag, description: "Of clear: and everything that comes after them" }),
  as: Type.Optional(oneOf(MARKS, "Of mark")),
  reason: Type.Optional(Type.String({ minLength: 1, maxLength: 1000, description: "Of mark: why" })),
  dryRun: Type.Optional({ ...Flag, description: "Only says which runs they are" }),
});

const BulkResult = record({
  runs: Type.Array(
    record({ id: RunId, ok: Flag, error: orNull(record({ code: Type.String(), message: Type.String() })) }),
  ),
  more: { ...Flag, description: "The selection stands for more than 1,000 runs: ask again" },
});

export const Attempt = record({
  taskRunId: Type.Integer(),
  task: Type.String(),
  mapIndex: orNull(Type.Integer()),
  generation: Type.Integer(),
  attempt: Type.Integer(),
  claim: Type.Integer(),
  worker: orNull(Type.String()),
  queuedAt: orNull(Moment),
  claimedAt: orNull(Moment),
  startedAt: orNull(Moment),
  endedAt: Moment,
  outcome: Type.String(),
  error: orNull(ErrorDocument),
});

const TASK_RUN = {
  id: Type.Integer(),
  task: Type.String(),
  mapIndex: orNull(Type.Integer()),
  state: oneOf(TASK_RUN_STATES),
  generation: Type.Integer(),
  attempt: Type.Integer(),
  claim: Type.Integer(),
  worker: orNull(Type.String()),
  queuedAt: orNull(Moment),
  claimedAt: orNull(Moment),
  startedAt: orNull(Moment),
  endedAt: orNull(Moment),
  dueAt: orNull(Moment),
  waits: orNull(
    record({
      for: Type.String(),
      until: orNull(Moment),
      checks: orNull(Type.Integer()),
      since: orNull(Moment),
      events: Type.Array(Type.String(), { description: "Their names, where it waits for events" }),
    }),
  ),
  arms: orNull(Type.Array(Type.String())),
  error: orNull(ErrorDocument),
  skipReason: orNull(Type.String()),
  cached: orNull(record({ runId: RunId, madeAt: Moment }, "Whose value it took instead of running; null: nobody's")),
  hasOutput: Flag,
};

const Output = { ...Json, description: "As JSON can say it; a large one is its place and size" };

export const TaskRun = record({ ...TASK_RUN, output: Type.Optional({ ...Output }) });
export const TaskRunDetail = record({
  ...TASK_RUN,
  output: Output,
  attempts: Type.Array(Attempt),
});

const Named = {
  task: Type.String(),
  mapIndex: orNull(Type.Integer()),
  state: oneOf(TASK_RUN_STATES),
};
const Reasons = Type.Array(Type.Object({ kind: Type.String() }, { additionalProperties: true }), {
  description:
    "Each with a `kind` and what it needs to be put into words: who holds a limit, what comes before, until when",
});

const Why = record({
  runId: Type.String(),
  workflow: Type.String(),
  state: oneOf(RUN_STATES),
  reasons: Reasons,
  tasks: Type.Array(record({ ...Named, reasons: Reasons })),
  more: Count,
});

export const CONTROL_ACTS = ["clear", "mark", "cancel"] as const;
const ControlBody = record({
  act: oneOf(
    CONTROL_ACTS,
    "clear: of an ended run, these start anew. mark: count as ended so. cancel: what has not ended",
  ),
  tasks: TaskNames,
  mapIndex: Type.Optional({ ...Count, description: "Of mapped tasks: only this element" }),
  downstream: Type.Optional({ ...Flag, description: "Of clear: and everything that comes after them" }),
  as: Type.Optional(oneOf(MARKS, "Of mark")),
  reason: Type.Optional(Type.String({ minLength: 1, maxLength: 1000, description: "Of mark: why" })),
});

export const runContracts = {
  list: contract({
    method: "get",
    path: "/api/runs",
    summary: "Runs, newest first",
    role: "viewer",
    query: record({ ...RUN_SELECTION, ...PAGE }),
    response: pageOf(Run),
  }),
  start: contract({
    method: "post",
    path: "/api/runs",
    summary: "Start a run",
    role: "operator",
    body: NewRun,
    response: RunDetail,
    status: 201,
    keyed: true,
  }),
  bulk: contract({
    method: "post",
    path: "/api/runs/bulk",
    summary: "Cancel or retry many runs; clear, mark or cancel tasks of many runs",
    role: "operator",
    body: Bulk,
    response: BulkResult,
    keyed: true,
  }),
  get: contract({
    method: "get",
    path: "/api/runs/{run}",
    summary: "One run",
    role: "viewer",
    response: RunDetail,
  }),
  cancel: contract({
    method: "post",
    path: "/api/runs/{run}/cancel",
    summary: "Stop a run: what waits is cancelled, running tasks are told to stop",
    role: "operator",
    response: RunDetail,
  }),
  retry: contract({
    method: "post",
    path: "/api/runs/{run}/retry",
    summary: "Run an ended run again from its failed tasks",
    role: "operator",
    body: Retry,
    response: RunDetail,
    keyed: true,
  }),
  why: contract({
    method: "get",
    path: "/api/runs/{run}/why",
    summary: "Why a run or a task of it has not started or not ended, or why it failed",
    role: "viewer",
    query: record({ task: Type.Optional(Text(200)), mapIndex: Type.Optional(Count) }),
    response: Why,
  }),
  control: contract({
    method: "post",
    path: "/api/runs/{run}/control",
    summary: "Clear, mark or cancel single tasks of a run",
    role: "operator",
    body: ControlBody,
    response: RunDetail,
    keyed: true,
  }),
  taskRuns: contract({
    method: "get",
    path: "/api/runs/{run}/task-runs",
    summary: "The task runs of a run that have begun to be anything, by place in the graph",
    role: "viewer",
    query: record({
      task: Type.Optional(Text(200)),
      state: Type.Optional(someOf(TASK_RUN_STATES)),
      outputs: Type.Optional({ ...Flag, description: "With what each returned. Default: false" }),
      ...PAGE,
    }),
    response: pageOf(TaskRun),
  }),
  taskRun: contract({
    method: "get",
    path: "/api/runs/{run}/task-runs/{taskRun}",
    summary: "One task run with its output and attempts",
    role: "viewer",
    response: TaskRunDetail,
  }),
  attempts: contract({
    method: "get",
    path: "/api/runs/{run}/attempts",
    summary: "Every end of an attempt, in the order they were recorded",
    role: "viewer",
    query: record({ task: Type.Optional(Text(200)), ...PAGE }),
    response: pageOf(Attempt),
  }),
};
