import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import type { ArtifactStore } from "../engine/artifacts/artifact-store.ts";
import { removeRunLogs } from "../engine/logs/prune-logs.ts";
import type { Store } from "../store/store.ts";

/** What went. */
export interface Pruned {
  readonly runs: number;
  readonly versions: number;
  /** Folders of runs. */
  readonly logs: number;
  readonly artifacts: number;
  /** Whether there is more. */
  readonly more: boolean;
}

/** What ended before these moments goes; `null`: nothing does. */
export interface RetentionCutoffs {
  readonly runs: number | null;
  readonly versions: number | null;
  readonly logs: number | null;
  readonly artifacts: number | null;
}

export interface RetentionDeps {
  readonly store: Store;
  readonly stateDir: string;
  readonly artifacts: ArtifactStore;
}

const RUNS_A_BATCH = 50;
/** Folders removed in one batch. */
const FOLDERS_A_BATCH = 50;

/** One small batch of retention: runs with all that belongs to them, and the logs and artifacts that are kept for a shorter time. */
export async function pruneBatch(
  { store, stateDir, artifacts }: RetentionDeps,
  cutoffs: RetentionCutoffs,
): Promise<Pruned> {
  const byRuns =
    cutoffs.runs === null
      ? NOTHING
      : await store.prune({ endedBefore: cutoffs.runs, kinds: ["runs"], limit: RUNS_A_BATCH });
  const byVersions =
    cutoffs.versions === null
      ? NOTHING
      : await store.prune({ endedBefore: cutoffs.versions, kinds: ["versions"], limit: RUNS_A_BATCH });
  for (const runId of byRuns.runs) {
    await removeRunLogs(stateDir, runId);
    await artifacts.removeRun(runId);
  }
  const unfinished = new Set(await store.unfinishedRuns());
  const logs = await oldRuns(join(stateDir, "logs"), cutoffs.logs, unfinished);
  const files = await oldRuns(artifacts.folder, cutoffs.artifacts, unfinished);
  for (const runId of logs) await removeRunLogs(stateDir, runId);
  for (const runId of files) await artifacts.removeRun(runId);
  return {
    runs: byRuns.runs.length,
    versions: byVersions.versions,
    logs: logs.length,
    artifacts: files.length,
    more: byRuns.more || byVersions.more || logs.length === FOLDERS_A_BATCH || files.length === FOLDERS_A_BATCH,
  };
}

/** Runs whose folder was last written to before a moment: also those that the store no longer knows. */
async function oldRuns(folder: string, before: number | null, unfinished: ReadonlySet<string>): Promise<string[]> {
  if (before === null) return [];
  const old: string[] = [];
  for (const name of await readdir(folder).catch(() => [])) {
    if (old.length === FOLDERS_A_BATCH) break;
    if (!/^[0-9a-z]{26}$/.test(name) || unfinished.has(name)) continue;
    const found = await stat(join(folder, name)).catch(() => null);
    if (found !== null && found.mtimeMs * 1000 < before) old.push(name);
  }
  return old;
}

const NOTHING = { runs: [] as readonly string[], versions: 0, more: false } as const;

export const addPruned = (a: Pruned, b: Pruned): Pruned => ({
  runs: a.runs + b.runs,
  versions: a.versions + b.versions,
  logs: a.logs + b.logs,
  artifacts: a.artifacts + b.artifacts,
  more: b.more,
});
