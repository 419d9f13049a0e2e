import type { RunState } from "../../core/run-state.ts";
import { count, type StateCounts } from "../state-counts.ts";
import type { PruneOptions, PruneResult } from "../store.ts";
import { deleteUnusedBundles } from "./bundle.sql.ts";
import { deleteOldAlerts } from "./alerts.sql.ts";
import { deleteCacheEntry, deleteCacheUse, deleteCacheUsesOf, deleteUncachedRun } from "./cache.sql.ts";
import { emptyState } from "./drawer.sql.ts";
import type { OwnedFile } from "./owned-file.ts";
import { keepNextTaskRunId } from "./owner.sql.ts";
import * as sql from "./pruned-run.sql.ts";
import { addRunCounts } from "./run-writer.ts";
import { deleteUnusedVersions } from "./version.sql.ts";
import { forgetPrunedVersions } from "./workflow.sql.ts";

/** Rows of pruned runs that one batch sweeps: about 10 ms of the engine's thread. */
const SWEEP_ROWS = 4_000;
/** Of alerts that are done with. */
const ALERTS_AT_ONCE = 1_000;
/** Free pages given back to the file system after a batch: 4 MB. */
const VACUUM_PAGES = 1_000;

/**
 * One small batch of retention. A run disappears at once, its row first; its task runs and attempts, which may be a
 * million, are swept by this batch and the next ones.
 */
export function prune(file: OwnedFile, options: PruneOptions, nextTaskRunId: number): PruneResult {
  const { kinds = ["runs", "versions"], limit = 100 } = options;
  const result = file.write(() => {
    const runs = kinds.includes("runs") ? pruneRuns(file, options.endedBefore, limit) : [];
    const alerts = kinds.includes("runs")
      ? file.connection.run(deleteOldAlerts({ before: options.endedBefore, limit: ALERTS_AT_ONCE }))
      : 0;
    const swept = sweep(file, nextTaskRunId);
    const versions = kinds.includes("versions")
      ? file.connection.run(deleteUnusedVersions({ usedBefore: options.endedBefore, limit }))
      : 0;
    if (versions > 0) file.connection.run(forgetPrunedVersions());
    const bundles = versions === 0 ? 0 : file.connection.run(deleteUnusedBundles());
    return {
      runs,
      versions,
      bundles,
      more: runs.length === limit || versions === limit || alerts === ALERTS_AT_ONCE || !swept,
    };
  });
  file.connection.exec(`pragma incremental_vacuum(${VACUUM_PAGES})`);
  return result;
}

function pruneRuns({ connection }: OwnedFile, endedBefore: number, limit: number): string[] {
  const rows = connection.all<sql.PrunableRow>(sql.listPrunableRuns({ endedBefore, limit }));
  const counts = new Map<number, StateCounts<RunState>>();
  for (const { seq: run, id: runId, workflow, state } of rows) {
    connection.run(sql.insertPrunedRun({ run }));
    connection.run(sql.deleteRunParams({ run }));
    connection.run(sql.deleteRunPartition({ runId }));
    connection.run(sql.deletePastVersions({ run }));
    connection.run(sql.deleteRunProgress({ run }));
    connection.run(deleteUncachedRun({ runId }));
    connection.run(sql.deleteRun({ run }));
    const changes = counts.get(workflow) ?? {};
    count(changes, state, -1);
    counts.set(workflow, changes);
  }
  for (const [workflow, changes] of counts) addRunCounts(connection, workflow, changes);
  return rows.map((row) => row.id);
}

/** Whether nothing is left to sweep. */
function sweep({ connection }: OwnedFile, nextTaskRunId: number): boolean {
  connection.run(keepNextTaskRunId({ next: nextTaskRunId }));
  let rows = SWEEP_ROWS;
  for (const { run } of connection.all<{ run: number }>(sql.listPrunedRuns({ limit: SWEEP_ROWS }))) {
    rows -= sweepTaskRuns({ connection }, run, rows);
    if (rows <= 0) return false;
    connection.run(deleteCacheUsesOf({ run }));
    connection.run(sql.deletePrunedRun({ run }));
  }
  return true;
}

function sweepTaskRuns({ connection }: Pick<OwnedFile, "connection">, run: number, limit: number): number {
  let rows = 0;
  for (const { id } of connection.all<{ id: number }>(sql.listSweptTaskRuns({ run, limit }))) {
    if (rows >= limit) break;
    connection.run(emptyState({ taskRun: id }));
    connection.run(deleteCacheEntry({ taskRun: id }));
    connection.run(deleteCacheUse({ taskRun: id }));
    rows += connection.run(sql.deleteAttempts({ taskRun: id }));
    rows += connection.run(sql.deleteTaskRun({ id }));
  }
  return rows;
}
