import type { Instant } from "../../core/clock.ts";
import type * as contract from "../limits.ts";
import { toMapIndex } from "../task-run-row.ts";
import * as sql from "./limit.sql.ts";
import type { PostgresConnection } from "./postgres-connection.ts";
import { fromUuid } from "./run-uuid.ts";
import { fromStoredText, toStoredText } from "../stored-text.ts";

export class PostgresLimitReader implements contract.LimitReader {
  readonly #connection: PostgresConnection;
  readonly #now: () => Instant | null;

  constructor(connection: PostgresConnection, now: () => Instant | null) {
    this.#connection = connection;
    this.#now = now;
  }

  async pools(): Promise<readonly contract.PoolRecord[]> {
    return (await this.#connection.all<contract.PoolRecord>(sql.listPools())).map(shownPool);
  }

  async usage(names: readonly string[], without: readonly number[] = []): Promise<readonly contract.LimitUsage[]> {
    if (names.length === 0) return [];
    const query = { names: JSON.stringify(names), without: `{${without.join(",")}}`, now: this.#now() };
    const rows = await this.#connection.all<sql.UsageRow>(sql.listUsage(query));
    return rows.map(({ free_in_us: us, ...usage }) => ({
      ...usage,
      freeInMs: us === null ? null : Math.max(0, us / 1000),
    }));
  }

  async held(taskRunIds: readonly number[]): Promise<readonly number[]> {
    const query = sql.listHeld({ ids: `{${taskRunIds.join(",")}}` });
    return (await this.#connection.all<{ id: number }>(query)).map(({ id }) => id);
  }

  async holders(name: string, limit: number): Promise<readonly contract.LimitHolder[]> {
    const rows = await this.#connection.all<sql.HolderRow>(sql.listHolders({ name, limit }));
    return rows.map(({ uuid, workflow, task, mapIndex, ...row }) => ({
      ...row,
      runId: fromUuid(uuid),
      workflow: fromStoredText(workflow),
      task: fromStoredText(task),
      mapIndex: toMapIndex(mapIndex),
    }));
  }
}

/** Limits of a database: claimers in any number of processes lock what they touch. */
export class PostgresLimits extends PostgresLimitReader implements contract.Limits {
  readonly #connection: PostgresConnection;

  constructor(connection: PostgresConnection, now: () => Instant | null) {
    super(connection, now);
    this.#connection = connection;
  }

  async declare(pools: readonly contract.DeclaredPool[], at: Instant) {
    await this.#connection.run(sql.declarePools({ pools: JSON.stringify(pools), at }));
  }

  async ensure(pools: readonly contract.DeclaredPool[], at: Instant) {
    if (pools.length > 0) await this.#connection.run(sql.ensurePools({ pools: JSON.stringify(pools), at }));
  }

  async resize({ name, slots, by, at }: contract.PoolChange) {
    return this.#connection.transaction(async (session) => {
      const before = await session.get<contract.PoolRecord>(sql.getPool({ name: toStoredText(name) }));
      if (before === null) return null;
      await session.run(sql.resizePool({ name, slots, by: toStoredText(by), at }));
      return shownPool(before);
    });
  }
}

const shownPool = (pool: contract.PoolRecord): contract.PoolRecord => ({
  ...pool,
  changedBy: pool.changedBy && fromStoredText(pool.changedBy),
});

/** Of a group: with its place, as the commit reads it. */
export const useRows = (uses: readonly contract.NewUse[], place: number): object[] =>
  uses.map(({ taskRunId, claim, name, slots, max, perMs }) => ({
    place,
    task_run: taskRunId,
    claim,
    name,
    slots,
    max,
    per_ms: perMs,
  }));
