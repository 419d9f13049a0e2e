import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import type { ArtifactStore } from "../engine/artifacts/artifact-store.ts";
import { oldShippedRuns, removeRunLogs } from "../engine/logs/prune-logs.ts";
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
  readonly events: number | null;
}

export interface RetentionDeps {
  readonly store: Store;
  readonly logsDir: string;
  readonly artifacts: ArtifactStore;
  /** The URL of where logs are sent; `null`: nowhere. */
  readonly logStore: string | null;
  /** A run is gone: whoever shows it is told. */
  readonly onRemoved?: (runId: string) => void;
}

const RUNS_A_BATCH = 50;
/** Folders removed in one batch. */
const FOLDERS_A_BATCH = 50;
const EVENTS_A_BATCH = 1_000;

/** One small batch of retention: runs with all that belongs to them, and the logs and artifacts that are kept for a shorter time. */
export async function pruneBatch(
  { store, logsDir, logStore, artifacts, onRemoved }: RetentionDeps,
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
  const events = cutoffs.events === null ? 0 : await store.events.prune(cutoffs.events, EVENTS_A_BATCH);
  for (const runId of byRuns.runs) {
    onRemoved?.(runId);
    await removeRunLogs(logsDir, runId, logStore);
    await artifacts.removeRun(runId);
  }
  const unfinished = new Set(await store.unfinishedRuns());
  const logs = await oldRuns(logsDir, cutoffs.logs, unfinished);
  if (logStore !== null && cutoffs.logs !== null && logs.length < FOLDERS_A_BATCH) {
    const shipped = oldShippedRuns(logStore, cutoffs.logs, FOLDERS_A_BATCH + unfinished.size);
    logs.push(...(await finished(shipped, unfinished)).filter((runId) => !logs.includes(runId)));
  }
  const files = await oldArtifacts(artifacts, cutoffs.artifacts, await keptFor(store, cutoffs.artifacts, unfinished));
  for (const runId of logs) await removeRunLogs(logsDir, runId, logStore);
  // First: nobody takes a value whose artifacts are going.
  await store.cache.forget(files);
  for (const runId of files) await artifacts.removeRun(runId);
  return {
    runs: byRuns.runs.length,
    versions: byVersions.versions,
    logs: logs.length,
    artifacts: files.length,
    more:
      byRuns.more ||
      byVersions.more ||
      events >= EVENTS_A_BATCH ||
      logs.length >= FOLDERS_A_BATCH ||
      files.length === FOLDERS_A_BATCH,
  };
}

/** Everything that ended before a moment, batch by batch. `goesOn`: asked between two of them. */
export async function pruneAll(
  deps: RetentionDeps,
  endedBefore: number,
  goesOn: () => boolean = () => true,
): Promise<Pruned> {
  const cutoffs = {
    runs: endedBefore,
    versions: endedBefore,
    logs: endedBefore,
    artifacts: endedBefore,
    events: endedBefore,
  };
  let sum: Pruned = { runs: 0, versions: 0, logs: 0, artifacts: 0, more: true };
  while (sum.more && goesOn()) {
    sum = addPruned(sum, await pruneBatch(deps, cutoffs));
    // The engine's turn: runs that go on must not wait for a long prune.
    await new Promise((resolve) => setImmediate(resolve));
  }
  return sum;
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

async function oldArtifacts(
  artifacts: ArtifactStore,
  before: number | null,
  unfinished: ReadonlySet<string>,
): Promise<string[]> {
  return before === null ? [] : finished(artifacts.oldRuns(before, FOLDERS_A_BATCH + unfinished.size), unfinished);
}

/** Runs whose artifacts stay, old as they may be: unfinished ones, and those with a value that a younger run has taken. */
async function keptFor(
  store: Store,
  before: number | null,
  unfinished: ReadonlySet<string>,
): Promise<ReadonlySet<string>> {
  return before === null ? unfinished : new Set([...unfinished, ...(await store.cache.usedRuns(before))]);
}

/** Those that stay take no place of the batch. */
async function finished(runs: AsyncIterable<string>, unfinished: ReadonlySet<string>): Promise<string[]> {
  const found: string[] = [];
  for await (const runId of runs) if (!unfinished.has(runId) && found.push(runId) === FOLDERS_A_BATCH) break;
  return found;
}

const NOTHING = { runs: [] as readonly string[], versions: 0, more: false } as const;

const addPruned = (a: Pruned, b: Pruned): Pruned => ({
  runs: a.runs + b.runs,
  versions: a.versions + b.versions,
  logs: a.logs + b.logs,
  artifacts: a.artifacts + b.artifacts,
  more: b.more,
});
