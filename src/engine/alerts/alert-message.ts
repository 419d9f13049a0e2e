import type { AlertEvent } from "../../core/alert-plan.ts";
import type { AlertRecord } from "../../store/alerts.ts";
import type { LoadedRun, Store } from "../../store/store.ts";
import type { AlertData } from "../../runtime/protocol.ts";

export interface AlertMessageDeps {
  readonly store: Pick<Store, "loadRun" | "getVersion">;
  /** The last lines that a task run wrote, masked. */
  readonly lines: (runId: string, taskRunId: number) => Promise<readonly string[]>;
  /** `publicUrl` of the configuration. */
  readonly publicUrl: string | null;
}

/** What an alert says: its row, with what the store and the logs know about it now. */
export async function alertMessage(
  { store, lines, publicUrl }: AlertMessageDeps,
  row: AlertRecord,
): Promise<AlertData> {
  const loaded = row.runId === null ? null : await store.loadRun(row.runId);
  const failures = loaded === null ? [] : await failuresIn(loaded, store);
  const first =
    row.event === "failed" ? failures.find(({ task }) => row.task === null || task === row.task) : undefined;
  const taskRunId = row.taskRunId === 0 ? (first?.taskRunId ?? 0) : row.taskRunId;
  const own = loaded?.taskRuns.find(({ id }) => id === row.taskRunId);
  const { workflow, task } = row;
  return {
    // What webhooks are told of comes here for its facts only.
    event: row.event as AlertEvent,
    id: `${row.runId ?? row.at.toString(36)}-${row.id}`,
    key: keyOf(row, loaded),
    at: row.at,
    workflow,
    task,
    runId: row.runId,
    date: loaded?.run.date ?? null,
    attempt: row.attempt,
    count: row.count,
    error: row.error ?? (row.task === null ? first : own)?.error ?? first?.error ?? null,
    failedTasks: row.event === "failed" && task === null ? counted(failures) : [],
    log:
      row.runId === null || taskRunId === 0 || row.event === "succeeded"
        ? []
        : await lines(row.runId, taskRunId).catch(() => []),
    url: publicUrl === null || row.runId === null ? null : `${publicUrl.replace(/\/+$/, "")}/runs/${row.runId}`,
    undelivered: row.undelivered,
  };
}

interface FailedTaskRun {
  readonly task: string;
  readonly taskRunId: number;
  readonly error: AlertRecord["error"];
}

/** The first one first. */
async function failuresIn({ run, taskRuns }: LoadedRun, store: Pick<Store, "getVersion">): Promise<FailedTaskRun[]> {
  const failed = taskRuns.filter(({ state }) => state === "failed");
  if (failed.length === 0) return [];
  const version = await store.getVersion(run.versionId);
  const names = new Map(version?.taskIds.map((id, place) => [id, version.manifest.tasks[place]?.name ?? ""]));
  return failed
    .toSorted((a, b) => (a.endedAt ?? 0) - (b.endedAt ?? 0) || a.id - b.id)
    .map(({ id, taskId, error }) => ({ task: names.get(taskId) ?? "", taskRunId: id, error }));
}

function counted(failures: readonly FailedTaskRun[]): AlertData["failedTasks"] {
  const counts = new Map<string, number>();
  for (const { task } of failures) counts.set(task, (counts.get(task) ?? 0) + 1);
  return [...counts].map(([task, count]) => ({ task, count }));
}

/** A window is one incident, however often its run is tried; a run by hand is one by itself. */
function keyOf({ workflow, task, runId, id, event, handler }: AlertRecord, loaded: LoadedRun | null): string {
  if (workflow === null) return `tutti/problem/${id}`;
  // Each asset of a task has receivers of its own.
  if (event === "stale") return `${workflow}/${task}/${handler}`;
  const window = loaded?.run.trigger === "schedule" ? loaded.run.date : runId;
  const { intervalStart, intervalEnd } = loaded?.run ?? { intervalStart: 0, intervalEnd: 0 };
  const hour = loaded?.run.trigger === "schedule" && intervalEnd - intervalStart < DAY_US ? `/${intervalStart}` : "";
  return [workflow, task, `${window}${hour}`].filter((part) => part !== null).join("/");
}

const DAY_US = 82_800_000_000;
