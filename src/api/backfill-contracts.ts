import { Type } from "typebox";
import { BACKFILL_ORDERS, BACKFILL_VERSIONS, REPROCESS } from "../core/backfill.ts";
import { BACKFILL_ACTIONS, BACKFILL_STATES } from "../core/backfill-state.ts";
import { contract } from "./contract.ts";
import {
  Count,
  doneWith,
  DRY_RUN,
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

const Reasons = Type.Object({}, { additionalProperties: Count, description: "How many windows, by reason" });

export const Backfill = record({
  id: Type.String(),
  workflow: Type.String(),
  schedule: Type.String({ description: "(partitions): it goes by those of what the workflow makes" }),
  from: orNull(Type.String({ description: "Window dates, both included; null: it goes by partitions" })),
  to: orNull(Type.String()),
  partitions: orNull(record({ from: Type.String(), to: Type.String() })),
  order: oneOf(BACKFILL_ORDERS),
  reprocess: oneOf(REPROCESS),
  version: oneOf(BACKFILL_VERSIONS),
  maxActiveRuns: Count,
  state: oneOf(BACKFILL_STATES),
  total: Count,
  counts: Type.Object(
    {
      todo: Count,
      running: Count,
      succeeded: Count,
      failed: Count,
      cancelled: Count,
      in_flight: Count,
      skipped: Count,
    },
    { description: "Windows; they add up to `total`" },
  ),
  reasons: Reasons,
  createdAt: Moment,
  createdBy: Type.String(),
  endedAt: orNull(Moment),
});

/** As somebody asks for one. */
const ASKED = {
  workflow: WorkflowName,
  from: Type.Optional(Type.String({ minLength: 4, maxLength: 40, description: "The first window date" })),
  to: Type.Optional(Type.String({ minLength: 4, maxLength: 40, description: "The last one, included" })),
  partition: Type.Optional(
    Type.String({
      minLength: 1,
      maxLength: 20_000,
      description:
        "Instead of dates: a key, several with commas, FIRST..LAST, or * for all; of several dimensions with | between, or name=…",
    }),
  ),
  schedule: Type.Optional(
    Type.String({ minLength: 1, maxLength: 200, description: "Whose windows. Default: the first" }),
  ),
  order: Type.Optional(oneOf(BACKFILL_ORDERS, "Default: oldest")),
  reprocess: Type.Optional(oneOf(REPROCESS, "Windows whose run has ended that are run again. Default: none")),
  version: Type.Optional(oneOf(BACKFILL_VERSIONS, "The code of runs that are run again. Default: latest")),
  maxActiveRuns: Type.Optional(
    Type.Integer({ minimum: 1, maximum: 10_000, description: "Runs of it at work at once. Default: 10" }),
  ),
};

const OWN_ID = {
  id: Type.Optional({ ...RunId, description: "Its id, made within a day: asked twice with one, it is one" }),
};

const PreviewedWindow = record({
  date: Type.String(),
  start: Moment,
  end: Moment,
  action: oneOf(["run", "skip"]),
  reason: Type.String(),
  partition: Type.Optional(Type.String({ description: "Its key. Absent: it is a window of the schedule" })),
});

const turn = (action: "pause" | "resume" | "cancel", summary: string) =>
  contract({
    method: "post",
    path: `/api/backfills/{backfill}/${action}`,
    summary,
    role: "operator",
    response: Backfill,
  });

export const backfillContracts = {
  list: contract({
    method: "get",
    path: "/api/backfills",
    summary: "Backfills, newest first",
    role: "viewer",
    query: record({
      workflow: Type.Optional(Type.Array(Text(300), { maxItems: 100, description: "Separated by commas" })),
      state: Type.Optional(someOf(BACKFILL_STATES)),
      ...PAGE,
    }),
    response: pageOf(Backfill),
  }),
  start: contract({
    method: "post",
    path: "/api/backfills",
    summary: "Run the windows of a schedule from one date to another, or partitions",
    role: "operator",
    body: record({ ...ASKED, ...OWN_ID }),
    response: Backfill,
    status: 201,
    keyed: true,
  }),
  preview: contract({
    method: "post",
    path: "/api/backfills/preview",
    summary: "What a backfill would do with each window if it began now; nothing is written",
    role: "viewer",
    body: record({ ...ASKED, ...PAGE }),
    response: record({
      total: Count,
      run: Count,
      skip: Count,
      reasons: Reasons,
      windows: Type.Array(PreviewedWindow, { description: "Of this page; the counts are of all" }),
      next: orNull(Type.String({ description: "The cursor of the next page" })),
    }),
  }),
  bulk: contract({
    method: "post",
    path: "/api/backfills/bulk",
    summary: "Pause, resume or cancel many backfills",
    role: "operator",
    body: record({
      act: oneOf(BACKFILL_ACTIONS),
      ids: Type.Optional(
        Type.Array(RunId, { minItems: 1, maxItems: 1000, description: "Either these, or a selection" }),
      ),
      selection: Type.Optional(
        record(
          {
            workflow: Type.Optional(Type.Array(Text(300), { maxItems: 100 })),
            state: Type.Optional(someOf(["running", "paused"])),
          },
          "Of those to which it can be done as they are",
        ),
      ),
      dryRun: DRY_RUN,
    }),
    response: doneWith(Type.String()),
  }),
  get: contract({
    method: "get",
    path: "/api/backfills/{backfill}",
    summary: "One backfill, and how far it has come",
    role: "viewer",
    response: Backfill,
  }),
  pause: turn("pause", "Let no more of its runs begin; those that have go on"),
  resume: turn("resume", "Go on with one that is paused"),
  cancel: turn("cancel", "End it: its runs are told to stop"),
};
