import type { TaskInstance } from "../core/task-instance.ts";
import { runPartition } from "../core/workflow-partitions.ts";
import type { Assignment, Part, RunInfo } from "../runtime/protocol.ts";
import { versionInfo } from "./live-version.ts";
import type { LiveRun } from "./live-run.ts";
import type { WorkerHost } from "./worker-host.ts";

/** A part as large as this, read by many elements, goes to a child once and not with each task. */
const SHARED_BYTES = 2 * 1024;

/** What a host is told before the first task of a run. Once, until it is told to forget the run. */
export function openAt(host: WorkerHost, run: LiveRun): void {
  if (run.opened) return;
  run.opened = true;
  host.openRun(runInfo(run));
}

/** What a host is told of one claimed task run, with the parts that its sources resolve from. Large parts that many read are shared with the host first. */
export function assignmentFor(
  host: WorkerHost,
  run: LiveRun,
  instance: TaskInstance,
  values: Record<string, Part>,
): Assignment {
  const { manifest, mapped } = run.version.graph.tasks[instance.task] as LiveRun["version"]["graph"]["tasks"][number];
  if (mapped) share(host, run, values);
  const { id, claim, index, attempt, losses, wait, queuedAt } = instance;
  // A machine that dies says nothing about its tasks, and a process for each of two hundred would keep them waiting. After the
  // second loss it runs apart: before the third, which would fail it, the culprit has shown itself.
  const isolation = losses > 1 ? "process" : manifest.isolation;
  return {
    taskRunId: id,
    claim,
    runId: run.id,
    task: instance.task,
    mapIndex: index,
    attempt,
    idempotencyKey: idempotencyKey(run, instance),
    isolation,
    timeoutMs: timeLeft(manifest.timeoutMs, wait),
    wait,
    ...(wait !== null && queuedAt !== null && { wokenAt: queuedAt }),
    values,
  };
}

/** Running time counts, not waiting, and each check of a sensor for itself; what is left of it is never nothing, which would mean no limit. */
const timeLeft = (timeoutMs: number | null, wait: TaskInstance["wait"]): number | null =>
  timeoutMs === null || wait === null || wait.kind === "sensor"
    ? timeoutMs
    : Math.max(1, Math.round(timeoutMs - wait.ranMs));

function share(host: WorkerHost, run: LiveRun, values: Record<string, Part>): void {
  for (const [name, part] of Object.entries(values)) {
    if (part.kind !== "text" || part.text.length < SHARED_BYTES || !name.startsWith("out:")) continue;
    const from = run.model.task(Number(name.slice("out:".length)));
    if (from.graph.mapped || !from.single) continue;
    const key = `${from.single.id}-${from.single.claim}`;
    if (!run.shared.has(key)) host.share(run.id, key, part.text);
    run.shared.add(key);
    values[name] = { kind: "shared", key };
  }
}

/** The same in every attempt; another one only when a recorded success was thrown away. */
function idempotencyKey(run: LiveRun, { task, index, discarded }: TaskInstance): string {
  const element = index === null ? "" : `[${index}]`;
  return `${run.id}/${run.taskName(task)}${element}${discarded > 0 ? `~${discarded}` : ""}`;
}

function runInfo(run: LiveRun): RunInfo {
  const { version, record, model } = run;
  return {
    runId: run.id,
    version: versionInfo(version),
    params: record.params,
    interval: { start: record.intervalStart, end: record.intervalEnd },
    date: record.date,
    trigger: record.trigger,
    generation: model.header.generation,
    backfill: record.backfill,
    ...(record.cause && { cause: record.cause }),
    ...(record.partition !== undefined && {
      partition: runPartition(version.record.manifest, record.partition),
    }),
  };
}
