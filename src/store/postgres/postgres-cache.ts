import type { Instant } from "../../core/clock.ts";
import type * as contract from "../cache.ts";
import { MAX_USED } from "../cache.ts";
import { type CachedRow, toCachedValue } from "../task-run-row.ts";
import * as sql from "./cache.sql.ts";
import type { PostgresConnection } from "./postgres-connection.ts";
import { fromUuid, toUuid } from "./run-uuid.ts";

/** Values that others may take, on a database that many processes share. */
export class PostgresCache implements contract.Cache {
  readonly #connection: PostgresConnection;

  constructor(connection: PostgresConnection) {
    this.#connection = connection;
  }

  async find({ taskRunId: taskRun, taskId: task, keys, after }: contract.CacheQuery) {
    // They are hashes: nothing in them has to be quoted.
    const query = sql.findCached({ taskRun, task, keys: `{${keys.join(",")}}`, after });
    const row = await this.#connection.get<CachedRow & { readonly run: string }>(query);
    return row && toCachedValue(fromUuid(row.run), row);
  }

  async renounce(runId: string) {
    const uuid = toUuid(runId);
    if (uuid !== null) await this.#connection.run(sql.putUncachedRun({ uuid }));
  }

  async usedRuns(since: Instant) {
    const rows = await this.#connection.all<{ id: string }>(sql.listUsedRuns({ since, limit: MAX_USED }));
    return rows.map(({ id }) => fromUuid(id));
  }

  async usedAttempts(runId: string) {
    const uuid = toUuid(runId);
    if (uuid === null) return [];
    const rows = await this.#connection.all<{ task_run: number; first_claim: number; claim: number }>(
      sql.listUsedAttempts({ uuid, limit: MAX_USED }),
    );
    return rows.map(({ task_run: taskRunId, first_claim: firstClaim, claim }) => ({ taskRunId, firstClaim, claim }));
  }

  async forget(runIds: readonly string[]) {
    const uuids = runIds.flatMap((runId) => toUuid(runId) ?? []);
    if (uuids.length > 0) await this.#connection.run(sql.deleteCacheEntriesOf({ runs: `{${uuids.join(",")}}` }));
  }
}
