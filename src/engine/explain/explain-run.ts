import { named, rootCauses, skippedBefore, waitsInGraph } from "../../core/explain-graph.ts";
import type { NamedTaskRun, Reason, RunExplanation, TaskExplanation } from "../../core/explanation.ts";
import { TuttiError } from "../../core/errors.ts";
import { isEndedRun } from "../../core/run-state.ts";
import type { TaskInstance } from "../../core/task-instance.ts";
import { NEVER } from "../../core/wait.ts";
import type { ProcessRecord } from "../../store/process-list.ts";
import type { RunDetail, StoreReader, TaskRunDetail } from "../../store/reader.ts";
import { LiveRun } from "../live-run.ts";
import { liveVersion } from "../live-version.ts";
import { explainQueue } from "./explain-queue.ts";
import { explainHeld } from "./explain-held.ts";

export type ExplainReader = Pick<StoreReader, "runDetail" | "limits" | "listRuns" | "listWorkflows" | "listSchedules">;

export interface ExplainOptions {
  /** Of whom it is known whether they live. */
  readonly processes: readonly ProcessRecord[];
  /** Only this task. Default: all that hold the run up, or made it fail. */
  readonly task?: string;
  /** Of it, only this element. */
  readonly index?: number;
}

const TASKS = 20;

/**
 * Why a run, or a task of it, has not started or not ended, or why it ended as it did: as data, for whoever puts it into words. Reads
 * only, so it is as true as the moment at which each thing was read.
 *
 * @throws TuttiError `RUN_NOT_FOUND`, `TASK_NOT_FOUND`, `TASK_RUN_NOT_FOUND`
 */
export async function explainRun(
  reader: ExplainReader,
  runId: string,
  options: ExplainOptions,
): Promise<RunExplanation> {
  const detail = await reader.runDetail(runId, { outputs: true });
  if (detail === null) throw new TuttiError("RUN_NOT_FOUND", `There is no run "${runId}".`);
  const { run: record, version } = detail;
  const run = new LiveRun(liveVersion(version, ""), record, detail.taskRuns);
  const places = options.task === undefined ? notable(run) : choice(run, options.task, options.index);
  const held = record.state === "queued" && run.model.header.generation === 1;
  const tasks: TaskExplanation[] = [];
  for (const { task, index } of places.slice(0, TASKS)) {
    const instance = run.instanceAt(task, index);
    const reasons = held ? [] : await explainTask(reader, { run, detail, task, index, instance }, options.processes);
    tasks.push({ ...nameOf(run, task, index, instance), reasons });
  }
  return {
    runId,
    workflow: record.workflow,
    state: record.state,
    reasons: await explainWhole(reader, detail, options.processes),
    tasks,
    more: Math.max(0, places.length - TASKS),
  };
}

interface Place {
  readonly task: number;
  readonly index: number | null;
}

export interface Explained extends Place {
  readonly run: LiveRun;
  readonly detail: RunDetail;
  readonly instance: TaskInstance | undefined;
}

async function explainTask(
  reader: ExplainReader,
  explained: Explained,
  processes: readonly ProcessRecord[],
): Promise<readonly Reason[]> {
  const { run, instance, task, index, detail } = explained;
  const state = instance?.state ?? "waiting";
  const row = detail.taskRuns.find(({ id }) => id === instance?.id && id !== 0);
  switch (state) {
    case "waiting":
      return waitsInGraph(run.model, task, index);
    case "queued":
      return explainQueue(reader, explained, processes);
    case "running":
      return [
        {
          kind: "running",
          worker: row?.worker ?? null,
          since: row?.startedAt ?? row?.claimedAt ?? null,
          attempt: row?.attempt ?? 1,
        },
      ];
    case "deferred":
      return [deferral(instance as TaskInstance)];
    case "up_for_retry":
      return [
        {
          kind: "timer",
          until: instance?.dueAt ?? 0,
          what: "retry",
          error: row?.error ?? null,
          attempt: instance?.attempt ?? 1,
          checks: null,
        },
      ];
    case "failed":
      return [failure(explained, row)];
    case "upstream_failed":
      return [{ kind: "upstream_failed", causes: causesOf(explained) }];
    case "skipped":
      return [{ kind: "skipped", reason: row?.skipReason ?? null, because: skippedBefore(run.model, task, index) }];
    case "cancelled":
    case "removed":
      return [{ kind: "cancelled" }];
    case "succeeded":
      return [success(row)];
  }
}

function deferral({ wait, dueAt, attempt }: TaskInstance): Reason {
  const until = dueAt ?? 0;
  if (wait?.runs) return { kind: "run", runs: wait.runs.map(({ id, workflow }) => ({ id, workflow })) };
  if (wait?.events)
    return { kind: "event", names: wait.events.map(({ name }) => name), until: until >= NEVER ? null : until };
  return {
    kind: "timer",
    until,
    what: wait?.kind === "sensor" ? "sensor" : "sleep",
    error: null,
    attempt,
    checks: wait?.checks ?? null,
  };
}

const failure = ({ run, task }: Explained, row: TaskRunDetail | undefined): Reason => ({
  kind: "failed",
  error: row?.error ?? null,
  attempt: row?.attempt ?? 1,
  retries: run.version.record.manifest.tasks[task]?.retries?.limit ?? 0,
});

/** What else of a cached value there is, nobody asks about. */
function success({ endedAt = null, cached }: Partial<TaskRunDetail> = {}): Reason {
  const from = cached && { runId: cached.runId, madeAt: cached.madeAt };
  return { kind: "succeeded", endedAt, ...(from && { cached: from }) };
}

const causesOf = ({ run, task, index, detail }: Explained) =>
  rootCauses(run.model, task, index).map((cause) => ({
    ...named(run.model, cause),
    error: detail.taskRuns.find(({ id }) => id === cause.id)?.error ?? null,
  }));

async function explainWhole(
  reader: ExplainReader,
  { run, version }: RunDetail,
  processes: readonly ProcessRecord[],
): Promise<readonly Reason[]> {
  if (isEndedRun(run.state)) return [];
  const reasons: Reason[] = [];
  if (run.cancelRequested) reasons.push({ kind: "cancelling" });
  if (!processes.some(({ alive, roles }) => alive && roles.includes("scheduler")))
    reasons.push({ kind: "no_scheduler" });
  if (run.state === "queued") reasons.push(...(await explainHeld(reader, run, version)));
  return reasons;
}

/** What somebody who asks about the whole run wants to know about. */
function notable(run: LiveRun): readonly Place[] {
  const { state } = run.model.header;
  const wanted = isEndedRun(state)
    ? ["failed", "cancelled"]
    : ["queued", "running", "deferred", "up_for_retry", "failed"];
  const found: Place[] = [];
  const waiting: Place[] = [];
  for (const ordinal of run.model.graph.order)
    run.model.task(ordinal).each((instance, index) => {
      if (wanted.includes(instance?.state ?? "waiting")) found.push({ task: ordinal, index });
      else if ((instance?.state ?? "waiting") === "waiting" && !isEndedRun(state))
        waiting.push({ task: ordinal, index });
    });
  return found.length > 0 ? found : waiting.slice(0, 1);
}

function choice(run: LiveRun, name: string, index: number | undefined): readonly Place[] {
  const { tasks } = run.version.record.manifest;
  const task = tasks.findIndex((one) => one.name === name);
  if (task < 0)
    throw new TuttiError(
      "TASK_NOT_FOUND",
      `Run "${run.id}" has no task "${name}". There are: ${tasks.map((one) => `"${one.name}"`).join(", ")}.`,
    );
  const model = run.model.task(task);
  if (index === undefined) {
    const all: Place[] = [];
    model.each((_, at) => void all.push({ task, index: at }));
    return all;
  }
  if (model.elements === null || index < 0 || index >= model.elements.length)
    throw new TuttiError("TASK_RUN_NOT_FOUND", `Task "${name}" of run "${run.id}" has no element ${index}.`);
  return [{ task, index }];
}

const nameOf = (
  run: LiveRun,
  task: number,
  index: number | null,
  instance: TaskInstance | undefined,
): NamedTaskRun => ({
  task: run.taskName(task),
  mapIndex: index,
  state: instance?.state ?? "waiting",
});
