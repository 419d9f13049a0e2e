import type { Static } from "typebox";
import type { Alert } from "../../api/alert-contracts.ts";
import type { Backfill } from "../../api/backfill-contracts.ts";
import type { Attempt, Run, RunDetail, TaskRun } from "../../api/run-contracts.ts";
import { type Instant, instantFromDate } from "../../core/clock.ts";
import { encodeValue } from "../../core/value-codec.ts";
import { NEVER } from "../../core/wait.ts";
import type { AlertView, AttemptView, BackfillView, RunListed, RunView, TaskRunView } from "../../store/store-view.ts";

/** An instant of a document. */
export const instant = (moment: string): Instant => instantFromDate(new Date(moment));
export const instantOrNull = (moment: string | null): Instant | null => (moment === null ? null : instant(moment));

type RunDocument = Static<typeof Run>;

const facts = (run: RunDocument) => ({
  id: run.id,
  workflow: run.workflow,
  state: run.state,
  generation: run.generation,
  trigger: run.trigger,
  intervalStart: instant(run.interval.start),
  intervalEnd: instant(run.interval.end),
  date: run.date,
  timezone: run.timezone,
  cancelRequested: run.cancelRequested,
  createdAt: instant(run.createdAt),
  startedAt: instantOrNull(run.startedAt),
  endedAt: instantOrNull(run.endedAt),
  ...(run.partition !== null && { partition: run.partition }),
});

export const listedRun = (run: RunDocument): RunListed => ({
  ...facts(run),
  version: run.version,
  held: run.held ?? false,
  counts: run.tasks,
});

export const runHead = (run: Static<typeof RunDetail>): Pick<RunView, "run" | "counts"> => ({
  run: { ...facts(run), params: encoded(run.params), paramsInput: encoded(run.input) },
  counts: run.tasks,
});

const encoded = (value: unknown): string | null => (value === null ? null : encodeValue(value));

export const taskRun = (row: Static<typeof TaskRun>): TaskRunView => ({
  id: row.id,
  task: row.task,
  mapIndex: row.mapIndex,
  state: row.state,
  claim: row.claim,
  attempt: row.attempt,
  generation: row.generation,
  startedAt: instantOrNull(row.startedAt),
  endedAt: instantOrNull(row.endedAt),
  dueAt: instantOrNull(row.dueAt),
  arms: row.arms,
  error: row.error as TaskRunView["error"],
  skipReason: row.skipReason,
  ...(row.cached && { cached: { runId: row.cached.runId, madeAt: instant(row.cached.madeAt) } }),
  output: row.hasOutput && row.output !== undefined ? { kind: "inline", text: encodeValue(row.output) } : null,
  wait:
    row.waits === null
      ? null
      : {
          kind: row.waits.for as NonNullable<TaskRunView["wait"]>["kind"],
          dueAt: instantOrNull(row.waits.until) ?? NEVER,
          ...(row.waits.events.length > 0 && { events: row.waits.events.map((name) => ({ name })) }),
          ...(row.waits.checks !== null && { checks: row.waits.checks }),
          ...(row.waits.since !== null && { since: instant(row.waits.since) }),
        },
});

export const attempt = (row: Static<typeof Attempt>): AttemptView => ({
  taskRunId: row.taskRunId,
  generation: row.generation,
  attempt: row.attempt,
  claim: row.claim,
  outcome: row.outcome as AttemptView["outcome"],
});

export function backfill(found: Static<typeof Backfill>): BackfillView {
  const { from, to } = found.partitions ?? { from: found.from ?? "", to: found.to ?? "" };
  const { order, reprocess, version } = found;
  return {
    id: found.id,
    workflow: found.workflow,
    plan: {
      schedule: { name: found.schedule },
      from,
      to,
      order,
      reprocess,
      version,
      ...(found.partitions !== null && { within: [] }),
    },
    maxActiveRuns: found.maxActiveRuns,
    total: found.total,
    state: found.state,
    progress: { total: found.total, ...found.counts },
    skipped: found.reasons,
    createdAt: instant(found.createdAt),
    createdBy: found.createdBy,
    endedAt: instantOrNull(found.endedAt),
  };
}

export const alert = (found: Static<typeof Alert>): AlertView => ({
  id: found.id,
  at: instant(found.at),
  event: found.event,
  workflow: found.workflow,
  task: found.task,
  runId: found.runId,
  count: found.count,
  receiver: found.receiver,
  state: found.state,
  tries: found.tries,
  dueAt: instant(found.dueAt ?? found.at),
  deliveredAt: instantOrNull(found.deliveredAt),
  error: found.error as AlertView["error"],
  lastError: found.lastError as AlertView["lastError"],
  undelivered: found.undelivered as AlertView["undelivered"],
});
