import { addMs, type Clock, type Instant } from "../../core/clock.ts";
import type * as contract from "../limits.ts";
import type { RunGroup } from "../store.ts";
import { toMapIndex } from "../task-run-row.ts";
import * as sql from "./limit.sql.ts";
import type { OwnedFile } from "./owned-file.ts";
import type { SqliteConnection } from "./sqlite-connection.ts";

export class SqliteLimitReader implements contract.LimitReader {
  readonly #connection: SqliteConnection;
  readonly #clock: Clock;

  constructor(connection: SqliteConnection, clock: Clock) {
    this.#connection = connection;
    this.#clock = clock;
  }

  async pools(): Promise<readonly contract.PoolRecord[]> {
    return this.#connection.all<contract.PoolRecord>(sql.listPools());
  }

  async usage(names: readonly string[], without: readonly number[] = []) {
    return readUsage(this.#connection, names, without, this.#clock.now());
  }

  async held(taskRunIds: readonly number[]): Promise<readonly number[]> {
    const query = sql.listHeld({ ids: JSON.stringify(taskRunIds) });
    return this.#connection.all<{ id: number }>(query).map(({ id }) => id);
  }

  async holders(name: string, limit: number): Promise<readonly contract.LimitHolder[]> {
    return this.#connection
      .all<contract.LimitHolder & { mapIndex: number }>(sql.listHolders({ name, limit }))
      .map((row) => ({ ...row, mapIndex: toMapIndex(row.mapIndex) }));
  }
}

/** Limits of a file. Its owner is the only claimer. */
export class SqliteLimits extends SqliteLimitReader implements contract.Limits {
  readonly #file: OwnedFile;

  constructor(file: OwnedFile, clock: Clock) {
    super(file.connection, clock);
    this.#file = file;
  }

  async declare(pools: readonly contract.DeclaredPool[], at: Instant) {
    const { connection } = this.#file;
    this.#file.write(() => {
      for (const { name, slots } of pools) connection.run(sql.declarePool({ name, slots, at }));
      connection.run(sql.forgetPools({ names: JSON.stringify(pools.map(({ name }) => name)) }));
    });
  }

  async ensure(pools: readonly contract.DeclaredPool[], at: Instant) {
    if (pools.length === 0) return;
    this.#file.write(() => {
      for (const { name, slots } of pools) this.#file.connection.run(sql.ensurePool({ name, slots, at }));
    });
  }

  async resize({ name, slots, by, at }: contract.PoolChange) {
    return this.#file.write(() => {
      const before = this.#file.connection.get<contract.PoolRecord>(sql.getPool({ name }));
      if (before !== null) this.#file.connection.run(sql.resizePool({ name, slots, by, at }));
      return before;
    });
  }
}

function readUsage(
  connection: SqliteConnection,
  names: readonly string[],
  without: readonly number[],
  now: Instant,
): readonly contract.LimitUsage[] {
  if (names.length === 0) return [];
  const query = sql.listUsage({ names: JSON.stringify(names), without: JSON.stringify(without), now });
  return connection.all<sql.UsageRow>(query).map(({ until, ...usage }) => ({
    ...usage,
    freeInMs: until === null ? null : Math.max(0, (until - now) / 1000),
  }));
}

/** The task runs for which there is no room: each takes all that it needs, or nothing, and who is behind one that gets nothing waits with it. */
export function refusedBy(
  connection: SqliteConnection,
  uses: readonly contract.NewUse[],
  now: Instant,
): ReadonlySet<number> {
  const names = new Map(uses.map(({ name, max }) => [name, max]));
  const room = new Map<string, number>();
  for (const { name, used, max } of readUsage(connection, [...names.keys()], [], now))
    room.set(name, (names.get(name) ?? max ?? 0) - used);
  const own = connection.all<sql.HoldRow>(sql.listOwnHolds({ ids: JSON.stringify(uses.map((use) => use.taskRunId)) }));
  const refused = new Set<number>();
  for (const { taskRunId, name, slots, perMs } of uses) {
    // What a task run holds from before it need not find again.
    const hold = perMs === null ? own.find((held) => held.taskRun === taskRunId && held.name === name) : undefined;
    const left = (room.get(name) ?? 0) - slots + (hold?.slots ?? 0);
    room.set(name, left);
    if (left < 0) refused.add(taskRunId);
  }
  return refused;
}

/** A group that claims, without these task runs. */
export function withoutRefused(group: RunGroup, refused: ReadonlySet<number>): RunGroup {
  const isIn = (id: number): boolean => !refused.has(id);
  return {
    ...group,
    changes: group.changes.filter(({ id }) => isIn(id)),
    uses: group.uses?.filter(({ taskRunId }) => isIn(taskRunId)) ?? [],
  };
}

/** What they hold from before goes. */
export function takeUses(connection: SqliteConnection, uses: readonly contract.NewUse[], now: Instant): void {
  releaseUses(
    connection,
    uses.map(({ taskRunId }) => taskRunId),
  );
  for (const { name, taskRunId, claim, slots, perMs } of uses) {
    if (perMs !== null) connection.run(sql.deleteSpentHolds({ name, now }));
    const until = perMs === null ? null : addMs(now, perMs);
    connection.run(sql.insertHold({ name, taskRun: taskRunId, claim, slots, since: now, until }));
  }
}

export function releaseUses(connection: SqliteConnection, taskRunIds: readonly number[]): void {
  connection.run(sql.releaseHolds({ ids: JSON.stringify(taskRunIds) }));
}
