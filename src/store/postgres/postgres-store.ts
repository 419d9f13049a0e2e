import type { Clock } from "../../core/clock.ts";
import type { CommandRecord } from "../command-inbox.ts";
import type { StoreReader } from "../reader.ts";
import type { RunRow } from "../run-row.ts";
import type * as contract from "../store.ts";
import { type TaskRunRow, toOutput, toTaskRunRecord } from "../task-run-row.ts";
import type { VersionRow } from "../version-row.ts";
import { type BundleRow, getBundle } from "./bundle.sql.ts";
import { type CommandRow, deleteCommands, listCommands, takeCommands } from "./command.sql.ts";
import { getMemory, getState } from "./drawer.sql.ts";
import { GroupWriter } from "./group-writer.ts";
import type { PostgresConnection } from "./postgres-connection.ts";
import { PostgresFleet } from "./postgres-fleet.ts";
import { PostgresReader, recordOf } from "./postgres-reader.ts";
import { prune } from "./pruner.ts";
import { fromUuid, toUuid } from "./run-uuid.ts";
import { getRun, listUnfinishedRuns } from "./run.sql.ts";
import { fromStoredText, toStoredText } from "./stored-text.ts";
import { listOutputs, listTaskRuns } from "./task-run.sql.ts";
import { registerVersion, toVersionRecord } from "./version-registry.ts";
import { getLatestVersion, getVersion } from "./version.sql.ts";

/** The store of one process on a PostgreSQL database, beside any number of others. Made by `openPostgresStore`. */
export class PostgresStore implements contract.Store {
  readonly fleet: PostgresFleet;
  readonly #connection: PostgresConnection;
  readonly #writer: GroupWriter;
  readonly #clock: Clock | null;

  /** `clock`: of a test; `null`: the database's. */
  constructor(connection: PostgresConnection, writer: number, clock: Clock | null) {
    this.#connection = connection;
    this.#clock = clock;
    this.#writer = new GroupWriter(connection, writer);
    this.fleet = new PostgresFleet(connection, () => this.#now());
  }

  async registerVersion(version: contract.NewVersion) {
    return this.#connection.transaction((session) => registerVersion(session, version));
  }

  async getVersion(id: number) {
    return this.#version(getVersion({ id }));
  }

  async latestVersion(workflow: string) {
    return this.#version(getLatestVersion({ workflow: toStoredText(workflow) }));
  }

  async getBundle(hash: string): Promise<contract.Bundle | null> {
    const row = await this.#connection.get<BundleRow>(getBundle({ hash: toStoredText(hash) }));
    if (row === null) return null;
    return { hash, code: fromStoredText(row.code), map: row.map === null ? null : fromStoredText(row.map) };
  }

  async commit(groups: readonly contract.RunGroup[], scheduler?: number) {
    return groups.length === 0 ? [] : this.#writer.commit(groups, scheduler ?? null);
  }

  async loadRun(runId: string): Promise<contract.LoadedRun | null> {
    const uuid = toUuid(runId);
    if (uuid === null) return null;
    return this.#connection.snapshot(async (session) => {
      const row = await session.get<RunRow & { readonly scheduler: number | null }>(getRun({ uuid }));
      if (row === null) return null;
      const taskRuns = await session.all<TaskRunRow>(listTaskRuns({ run: row.seq }));
      return { run: recordOf(row), taskRuns: taskRuns.map(toTaskRunRecord), scheduler: row.scheduler };
    });
  }

  async unfinishedRuns() {
    return (await this.#connection.all<{ id: string }>(listUnfinishedRuns())).map((row) => fromUuid(row.id));
  }

  async readOutputs(taskRunIds: readonly number[]) {
    const outputs = new Map<number, contract.TaskRunOutput>();
    if (taskRunIds.length === 0) return outputs;
    const rows = await this.#connection.all<{ id: number; result: string | null; output: string | null }>(
      listOutputs({ ids: `{${taskRunIds.join(",")}}` }),
    );
    const byId = new Map(rows.map((row) => [row.id, row]));
    for (const id of taskRunIds) {
      const row = byId.get(id);
      const output = row === undefined ? null : toOutput(row);
      if (output !== null) outputs.set(id, output);
    }
    return outputs;
  }

  async readDrawer(drawer: contract.DrawerKey) {
    const key = toStoredText(drawer.key);
    const query =
      drawer.drawer === "state"
        ? getState({ taskRun: drawer.taskRunId, key })
        : getMemory({ task: drawer.taskId, key });
    return (await this.#connection.get<{ value: string }>(query))?.value ?? null;
  }

  async pendingCommands(limit: number, scheduler?: number): Promise<readonly CommandRecord[]> {
    const query =
      scheduler === undefined ? listCommands({ limit }) : takeCommands({ scheduler, limit, now: this.#now() });
    const rows = await this.#connection.all<CommandRow>(query);
    return rows
      .map(({ id, kind, uuid, payload, created_at }) => ({
        id,
        kind,
        runId: uuid === null ? null : fromUuid(uuid),
        payload,
        createdAt: created_at,
      }))
      .toSorted((a, b) => a.id - b.id);
  }

  async removeCommands(ids: readonly number[]) {
    if (ids.length > 0) await this.#connection.run(deleteCommands({ ids: `{${ids.join(",")}}` }));
  }

  async prune(options: contract.PruneOptions) {
    return prune(this.#connection, options);
  }

  async close() {
    await this.#connection.close();
  }

  /** Reads on this store's own connections. */
  reader(): Omit<StoreReader, "close"> {
    return new PostgresReader(this.#connection);
  }

  #now() {
    return this.#clock?.now() ?? null;
  }

  async #version(query: Parameters<PostgresConnection["get"]>[0]): Promise<contract.VersionRecord | null> {
    const row = await this.#connection.get<VersionRow>(query);
    return row === null ? null : toVersionRecord(row);
  }
}
