import type { PruneOptions, PruneResult } from "../store.ts";
import { deleteOldAlerts } from "./alerts.sql.ts";
import { deleteUnusedBundles } from "./bundle.sql.ts";
import { deleteUncachedRuns } from "./cache.sql.ts";
import type { PostgresConnection, Session } from "./postgres-connection.ts";
import * as sql from "./pruned-run.sql.ts";
import { fromUuid } from "./run-uuid.ts";
import { deleteUnusedVersions } from "./version.sql.ts";
import { forgetPrunedVersions } from "./workflow.sql.ts";

/** Rows of pruned runs that one batch sweeps. */
const SWEEP_ROWS = 4_000;
/** Of alerts that are done with. */
const ALERTS_AT_ONCE = 1_000;

/**
 * One small batch of retention. A run disappears at once, its row first; its task runs and attempts, which may be a
 * million, are swept by this batch and the next ones. Several processes may prune at once: they take different runs.
 */
export function prune(connection: PostgresConnection, options: PruneOptions): Promise<PruneResult> {
  const { endedBefore, kinds = ["runs", "versions"], limit = 100 } = options;
  return connection.transaction(async (session) => {
    const runs = kinds.includes("runs") ? await pruneRuns(session, endedBefore, limit) : [];
    const alerts = kinds.includes("runs")
      ? await session.run(deleteOldAlerts({ before: endedBefore, limit: ALERTS_AT_ONCE }))
      : 0;
    const swept = await sweep(session);
    const versions = kinds.includes("versions")
      ? await session.run(deleteUnusedVersions({ usedBefore: endedBefore, limit }))
      : 0;
    if (versions > 0) await session.run(forgetPrunedVersions());
    const bundles = versions === 0 ? 0 : await session.run(deleteUnusedBundles());
    return {
      runs,
      versions,
      bundles,
      more: runs.length === limit || versions === limit || alerts === ALERTS_AT_ONCE || !swept,
    };
  });
}

async function pruneRuns(session: Session, endedBefore: number, limit: number): Promise<string[]> {
  const rows = await session.all<sql.PrunableRow>(sql.listPrunableRuns({ endedBefore, limit }));
  if (rows.length === 0) return [];
  const runs = `{${rows.map((row) => row.seq).join(",")}}`;
  await session.run(sql.insertPrunedRuns({ runs }));
  await session.run(sql.deleteRunParams({ runs }));
  await session.run(sql.deletePastVersions({ runs }));
  const ids = `{${rows.map((row) => row.uuid).join(",")}}`;
  await session.run(deleteUncachedRuns({ runs: ids }));
  await session.run(sql.deleteRunPartitions({ runs: ids }));
  await session.run(sql.deleteRuns({ runs }));
  return rows.map((row) => fromUuid(row.uuid));
}

/** Whether nothing is left to sweep. */
async function sweep(session: Session): Promise<boolean> {
  let rows = SWEEP_ROWS;
  for (const { run } of await session.all<{ run: number }>(sql.listPrunedRuns({ limit: SWEEP_ROWS }))) {
    rows -= await session.run(sql.sweepAttempts({ run, limit: rows }));
    if (rows > 0) rows -= (await session.get<{ swept: number }>(sql.sweepTaskRuns({ run, limit: rows })))!.swept;
    if (rows <= 0) return false;
    await session.run(sql.sweepMessages({ run }));
  }
  return true;
}
