import type { Instant } from "../../core/clock.ts";
import type * as contract from "../cache.ts";
import { MAX_USED } from "../cache.ts";
import { type CachedRow, toCachedValue } from "../task-run-row.ts";
import * as sql from "./cache.sql.ts";
import type { OwnedFile } from "./owned-file.ts";

/** Values that others may take, on a file. */
export class SqliteCache implements contract.Cache {
  readonly #file: OwnedFile;

  constructor(file: OwnedFile) {
    this.#file = file;
  }

  async find({ taskRunId: taskRun, taskId: task, keys, after }: contract.CacheQuery) {
    const query = sql.findCached({ taskRun, task, keys: JSON.stringify(keys), after });
    const row = this.#file.connection.get<CachedRow & { readonly run: string }>(query);
    return row && toCachedValue(row.run, row);
  }

  async renounce(runId: string) {
    this.#file.write(() => void this.#file.connection.run(sql.putUncachedRun({ runId })));
  }

  async usedRuns(since: Instant) {
    const query = sql.listUsedRuns({ since, limit: MAX_USED });
    return this.#file.connection.all<{ id: string }>(query).map(({ id }) => id);
  }

  async usedAttempts(runId: string) {
    const query = sql.listUsedAttempts({ runId, limit: MAX_USED });
    return this.#file.connection
      .all<{ task_run: number; first_claim: number; claim: number }>(query)
      .map(({ task_run: taskRunId, first_claim: firstClaim, claim }) => ({ taskRunId, firstClaim, claim }));
  }

  async forget(runIds: readonly string[]) {
    if (runIds.length === 0) return;
    this.#file.write(() => void this.#file.connection.run(sql.deleteCacheEntriesOf({ runs: JSON.stringify(runIds) })));
  }
}
