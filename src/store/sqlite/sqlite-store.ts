import { type Clock, type Instant, systemClock } from "../../core/clock.ts";
import type { CommandRecord } from "../command-inbox.ts";
import type { StoreReader } from "../reader.ts";
import type * as contract from "../store.ts";
import { toVersionRecord, type VersionRow } from "../version-row.ts";
import { getBundle } from "./bundle.sql.ts";
import { type CommandRow, deleteCommand, listCommands } from "./command.sql.ts";
import { getMemory, getState } from "./drawer.sql.ts";
import { GroupWriter } from "./group-writer.ts";
import { OwnedFile } from "./owned-file.ts";
import { prune } from "./pruner.ts";
import { type RunRow, toRunRecord } from "../run-row.ts";
import { getRun, listUnfinishedRuns } from "./run.sql.ts";
import type { SqliteConnection } from "./sqlite-connection.ts";
import { refuseOffers, SqliteFleet } from "./sqlite-fleet.ts";
import { SqliteReader } from "./sqlite-reader.ts";
import { getMaxTaskRunId, getOutput, listTaskRuns } from "./task-run.sql.ts";
import { type TaskRunRow, toOutput, toTaskRunRecord } from "../task-run-row.ts";
import { registerVersion } from "./version-registry.ts";
import { getLatestVersion, getVersion } from "./version.sql.ts";

/** The store of one owner process on one SQLite file. Made by `openSqliteStore`, which migrates first. */
export class SqliteStore implements contract.Store {
  readonly #connection: SqliteConnection;
  readonly #file: OwnedFile;
  readonly #writer: GroupWriter;
  readonly fleet: SqliteFleet;

  constructor(connection: SqliteConnection, now: Instant, clock: Clock = systemClock) {
    this.#connection = connection;
    this.fleet = new SqliteFleet(clock, () => this.unfinishedRuns());
    this.#file = new OwnedFile(connection, now);
    const highest = connection.get<{ id: number }>(getMaxTaskRunId())!.id;
    this.#writer = new GroupWriter(this.#file, Math.max(highest + 1, this.#file.nextTaskRunId));
  }

  async registerVersion(version: contract.NewVersion) {
    return this.#file.write(() => registerVersion(this.#connection, version));
  }

  async getVersion(id: number) {
    return this.#version(getVersion({ id }));
  }

  async latestVersion(workflow: string) {
    return this.#version(getLatestVersion({ workflow }));
  }

  async getBundle(hash: string) {
    return this.#connection.get<contract.Bundle>(getBundle({ hash }));
  }

  async commit(groups: readonly contract.RunGroup[], scheduler?: number) {
    if (groups.length === 0) return [];
    groups.forEach(refuseOffers);
    const results = this.#writer.commit(groups);
    if (scheduler !== undefined)
      for (const { create } of groups) if (create !== null) this.fleet.created(scheduler, create.id);
    return results;
  }

  async loadRun(runId: string) {
    const row = this.#connection.get<RunRow>(getRun({ id: runId }));
    if (row === null) return null;
    const taskRuns = this.#connection.all<TaskRunRow>(listTaskRuns({ run: row.seq }));
    return { run: toRunRecord(row), taskRuns: taskRuns.map(toTaskRunRecord), scheduler: null };
  }

  async unfinishedRuns() {
    return this.#connection.all<{ id: string }>(listUnfinishedRuns()).map((row) => row.id);
  }

  async readOutputs(taskRunIds: readonly number[]) {
    const outputs = new Map<number, contract.TaskRunOutput>();
    for (const id of taskRunIds) {
      const row = this.#connection.get<{ result: string | null; output: string | null }>(getOutput({ id }));
      const output = row === null ? null : toOutput(row);
      if (output !== null) outputs.set(id, output);
    }
    return outputs;
  }

  async readDrawer(drawer: contract.DrawerKey) {
    const query =
      drawer.drawer === "state"
        ? getState({ taskRun: drawer.taskRunId, key: drawer.key })
        : getMemory({ task: drawer.taskId, key: drawer.key });
    return this.#connection.get<{ value: string }>(query)?.value ?? null;
  }

  async pendingCommands(limit: number): Promise<readonly CommandRecord[]> {
    return this.#connection.all<CommandRow>(listCommands({ limit })).map((row) => ({
      id: row.id,
      kind: row.kind,
      runId: row.run_id,
      payload: row.payload,
      createdAt: row.created_at,
    }));
  }

  async removeCommands(ids: readonly number[]) {
    if (ids.length > 0) this.#file.write(() => ids.forEach((id) => this.#connection.run(deleteCommand({ id }))));
  }

  async prune(options: contract.PruneOptions) {
    this.#writer.forgetVersions();
    return prune(this.#file, options, this.#writer.nextTaskRunId);
  }

  async close() {
    this.#connection.close();
  }

  /** Reads on the owner's own connection: for tests and for a store in memory, which no other connection can see. */
  reader(): Omit<StoreReader, "close"> {
    return new SqliteReader(this.#connection);
  }

  #version(query: Parameters<SqliteConnection["get"]>[0]): contract.VersionRecord | null {
    const row = this.#connection.get<VersionRow>(query);
    return row === null ? null : toVersionRecord(row);
  }
}
