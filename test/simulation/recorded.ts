import { type LiveVersion, liveVersion } from "../../src/engine/live-version.ts";
import type { GroupResult, RunGroup, TaskRunRecord, VersionRecord } from "../../src/store/store.ts";
import type { SqliteStore } from "../../src/store/sqlite/sqlite-store.ts";
import type { WorkflowSummary } from "../../src/store/reader.ts";
import type { Commit, RunRows } from "./invariant.ts";

/** What is durable at this moment, read back from the store after every commit. The only truth that invariants look at. */
export class Recorded {
  readonly runs = new Map<string, RunRows>();
  readonly versions = new Map<number, LiveVersion>();
  /** Runs per state, as the store counts them for each workflow; read at the end. */
  workflows: readonly WorkflowSummary[] = [];
  /** Runs that somebody has ever asked to cancel. */
  readonly cancelled = new Set<string>();
  /** Runs of which somebody has cancelled, marked or cleared single tasks. */
  readonly controlled = new Set<string>();
  /** Runs that were opened again from their first task, each with the generation that began then: `run/2`. */
  readonly fresh = new Set<string>();
  readonly #taskRuns = new Map<number, { readonly runId: string; readonly row: TaskRunRecord }>();

  know(version: VersionRecord): void {
    this.versions.set(version.id, liveVersion(version, ""));
  }

  version(runId: string): LiveVersion {
    const version = this.versions.get(this.runs.get(runId)?.run.versionId ?? 0);
    if (!version) throw new Error(`nobody recorded run ${runId}`);
    return version;
  }

  taskRun(id: number): TaskRunRecord | undefined {
    return this.#taskRuns.get(id)?.row;
  }

  runOf(taskRunId: number): string | undefined {
    return this.#taskRuns.get(taskRunId)?.runId;
  }

  /** The place of a task run's task in its manifest. */
  placeOf(taskRunId: number): number {
    const found = this.#taskRuns.get(taskRunId);
    return found ? this.version(found.runId).record.taskIds.indexOf(found.row.taskId) : -1;
  }

  holds(taskRunId: number, claim: number): boolean {
    const row = this.taskRun(taskRunId);
    return row?.state === "running" && row.claim === claim;
  }

  /** Reads back what a group did. */
  async committed(
    store: SqliteStore,
    group: RunGroup,
    result: GroupResult,
    by: { name: string; zombie: boolean },
  ): Promise<Commit> {
    const before = this.runs.get(group.runId) ?? null;
    const after = await readRun(store, group.runId);
    if (after) {
      this.runs.set(group.runId, after);
      for (const row of after.taskRuns.values()) this.#taskRuns.set(row.id, { runId: group.runId, row });
      if (after.run.cancelRequested) this.cancelled.add(group.runId);
    }
    return { by: by.name, zombie: by.zombie, group, result, before, after };
  }
}

async function readRun(store: SqliteStore, runId: string): Promise<RunRows | null> {
  const reader = store.reader();
  const detail = await reader.runDetail(runId, { outputs: false });
  if (!detail) return null;
  const taskRuns = new Map(
    detail.taskRuns.map(({ task: _task, output: _output, ...row }) => [row.id, row satisfies TaskRunRecord]),
  );
  return {
    run: detail.run,
    taskRuns,
    attempts: await reader.attempts(runId),
    counts: detail.counts,
  };
}
