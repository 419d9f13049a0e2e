import type { Static } from "typebox";
import type { Attempt, Run, RunDetail, TaskRun } from "../api/run-contracts.ts";
import { momentOrNull, momentText } from "../core/moment-text.ts";
import { plainValue } from "../core/plain-value.ts";
import { NEVER } from "../core/wait.ts";
import { decodeValue } from "../core/value-codec.ts";
import type { AttemptRecord, RunHead, RunSummary, TaskRunDetail } from "../store/reader.ts";

/** What of a run both the list and the store's own rows hold. */
type RunFacts = Omit<RunSummary, "version" | "versionId" | "held"> & { readonly held?: boolean };

/** A run as the API shows it. `version`: the hash of the code it goes by. */
export const runDocument = (run: RunFacts, version: string): Static<typeof Run> => ({
  id: run.id,
  workflow: run.workflow,
  version,
  state: run.state,
  generation: run.generation,
  trigger: run.trigger,
  interval: { start: momentText(run.intervalStart), end: momentText(run.intervalEnd) },
  date: run.date,
  timezone: run.timezone,
  partition: run.partition ?? null,
  cancelRequested: run.cancelRequested,
  createdAt: momentText(run.createdAt),
  startedAt: momentOrNull(run.startedAt),
  endedAt: momentOrNull(run.endedAt),
  ...(run.held === undefined ? {} : { held: run.held }),
  tasks: run.counts,
});

export const runDetailDocument = ({ run, counts }: RunHead, version: string): Static<typeof RunDetail> => ({
  ...runDocument({ ...run, counts }, version),
  backfill: run.backfill,
  params: run.params === null ? null : plainValue(decodeValue(run.params)),
  input: run.paramsInput === null ? null : plainValue(decodeValue(run.paramsInput)),
});

export const taskRunDocument = (row: TaskRunDetail): Static<typeof TaskRun> => ({
  id: row.id,
  task: row.task,
  mapIndex: row.mapIndex,
  state: row.state,
  generation: row.generation,
  attempt: row.attempt,
  claim: row.claim,
  worker: row.worker,
  queuedAt: momentOrNull(row.queuedAt),
  claimedAt: momentOrNull(row.claimedAt),
  startedAt: momentOrNull(row.startedAt),
  endedAt: momentOrNull(row.endedAt),
  dueAt: momentOrNull(row.dueAt),
  waits:
    row.state !== "deferred" || row.wait === null
      ? null
      : {
          for: row.wait.kind,
          until: row.wait.dueAt === NEVER ? null : momentText(row.wait.dueAt),
          checks: row.wait.checks ?? null,
          since: momentOrNull(row.wait.since ?? null),
          events: (row.wait.events ?? []).map(({ name }) => name),
        },
  arms: row.arms === null ? null : [...row.arms],
  error: row.error,
  skipReason: row.skipReason,
  cached: row.cached === undefined ? null : { runId: row.cached.runId, madeAt: momentText(row.cached.madeAt) },
  hasOutput: row.hasOutput,
});

/** What a task run returned. */
export function outputDocument({ output }: TaskRunDetail): unknown {
  if (output === null) return null;
  if (output.kind === "frame") return { artifact: output.uri, size: output.bytes };
  return plainValue(decodeValue(output.text));
}

export const attemptDocument = (row: AttemptRecord): Static<typeof Attempt> => ({
  taskRunId: row.taskRunId,
  task: row.task,
  mapIndex: row.mapIndex,
  generation: row.generation,
  attempt: row.attempt,
  claim: row.claim,
  worker: row.worker,
  queuedAt: momentOrNull(row.queuedAt),
  claimedAt: momentOrNull(row.claimedAt),
  startedAt: momentOrNull(row.startedAt),
  endedAt: momentText(row.endedAt),
  outcome: row.outcome,
  error: row.error,
});
