import { type Clock, type Instant, systemClock } from "../../core/clock.ts";
import { type CommandRecord, type CommandRefusal, REFUSAL_KEPT_US } from "../command-inbox.ts";
import type { Deployment } from "../deployment.ts";
import type { StoreReader } from "../reader.ts";
import type * as contract from "../store.ts";
import { toVersionRecord, type VersionRow } from "../version-row.ts";
import { getBundle } from "./bundle.sql.ts";
import { type CommandRow, deleteCommand, deleteRefusedCommands, listCommands, refuseCommand } from "./command.sql.ts";
import { deploy } from "./deployer.ts";
import { INPUTS_PREFIX, STEPS_END, STEPS_PREFIX, stateKeyOf } from "../drawer-place.ts";
import { getInput, getMemory, getState, listSteps } from "./drawer.sql.ts";
import { GroupWriter } from "./group-writer.ts";
import { OwnedFile } from "./owned-file.ts";
import { prune } from "./pruner.ts";
import { type RunRow, toRunRecord } from "../run-row.ts";
import { getRun, listUnfinishedRuns } from "./run.sql.ts";
import type { SqliteConnection } from "./sqlite-connection.ts";
import { SqliteCache } from "./sqlite-cache.ts";
import { SqliteCalls } from "./sqlite-calls.ts";
import { SqliteEvents } from "./sqlite-events.ts";
import { SqliteLimits } from "./sqlite-limits.ts";
import { refuseOffers, SqliteFleet } from "./sqlite-fleet.ts";
import { SqliteBackfills } from "./sqlite-backfills.ts";
import { SqliteProcesses } from "./sqlite-processes.ts";
import { SqliteAccess } from "./sqlite-access.ts";
import { SqliteReader } from "./sqlite-reader.ts";
import { SqliteAssets } from "./sqlite-assets.ts";
import { SqliteAlerts } from "./sqlite-alerts.ts";
import { SqliteSecrets } from "./sqlite-secrets.ts";
import { SqliteWebhooks } from "./sqlite-webhooks.ts";
import { SqliteSchedules } from "./sqlite-schedules.ts";
import { getMaxTaskRunId, getOutput, listEnds, listTaskRunsWithStops } from "./task-run.sql.ts";
import { type TaskRunEndRow, type TaskRunRow, toOutput, toTaskRunEnd, toTaskRunRecord } from "../task-run-row.ts";
import { wallClock } from "../wall-clock.ts";
import { registerVersion } from "./version-registry.ts";
import { getLatestVersion, getVersion } from "./version.sql.ts";

/** The store of one owner process on one SQLite file. Made by `openSqliteStore`, which migrates first. */
export class SqliteStore implements contract.Store {
  readonly #connection: SqliteConnection;
  readonly #file: OwnedFile;
  readonly #writer: GroupWriter;
  readonly fleet: SqliteFleet;
  readonly processes: SqliteProcesses;
  readonly schedules: SqliteSchedules;
  readonly backfills: SqliteBackfills;
  readonly access: SqliteAccess;
  readonly alerts: SqliteAlerts;
  readonly events: SqliteEvents;
  readonly limits: SqliteLimits;
  readonly assets: SqliteAssets;
  readonly secrets: SqliteSecrets;
  readonly webhooks: SqliteWebhooks;
  readonly calls: SqliteCalls;
  readonly cache: SqliteCache;

  constructor(connection: SqliteConnection, now: Instant, clock: Clock = systemClock) {
    this.#connection = connection;
    this.fleet = new SqliteFleet(clock, () => this.unfinishedRuns());
    this.#file = new OwnedFile(connection, now);
    this.processes = new SqliteProcesses(this.#file, clock);
    this.access = new SqliteAccess(this.#file);
    this.alerts = new SqliteAlerts(this.#file, clock);
    this.assets = new SqliteAssets(connection);
    this.secrets = new SqliteSecrets(connection);
    this.webhooks = new SqliteWebhooks(connection);
    const highest = connection.get<{ id: number }>(getMaxTaskRunId())!.id;
    this.#writer = new GroupWriter(this.#file, Math.max(highest + 1, this.#file.nextTaskRunId), clock);
    this.limits = new SqliteLimits(this.#file, clock);
    this.backfills = new SqliteBackfills(this.#file, this.#writer);
    // What schedules go by follows a clock that is set; what measures does not.
    const schedulesClock = clock === systemClock ? wallClock : clock;
    this.schedules = new SqliteSchedules(this.#file, this.#writer, schedulesClock);
    this.events = new SqliteEvents(this.#file, this.#writer, schedulesClock);
    this.calls = new SqliteCalls(this.#file, this.#writer);
    this.cache = new SqliteCache(this.#file);
  }

  async registerVersion(version: contract.NewVersion) {
    return this.#file.write(() => registerVersion(this.#connection, version));
  }

  async deploy(deployment: Deployment) {
    return this.#file.write(() => deploy(this.#connection, deployment));
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
    const taskRuns = this.#connection.all<TaskRunRow>(listTaskRunsWithStops({ run: row.seq }));
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
      drawer.drawer === "memory"
        ? getMemory({ task: drawer.taskId, key: drawer.key })
        : getState({ taskRun: drawer.taskRunId, key: stateKeyOf(drawer) });
    return this.#connection.get<{ value: string }>(query)?.value ?? null;
  }

  async readSteps(taskRun: number): Promise<readonly string[]> {
    const query = listSteps({ taskRun, from: STEPS_PREFIX, end: STEPS_END });
    return this.#connection.all<{ value: string }>(query).map(({ value }) => value);
  }

  async readInput(taskRun: number, body: number): Promise<string | null> {
    return this.#connection.get<{ value: string }>(getInput({ taskRun, body, prefix: INPUTS_PREFIX }))?.value ?? null;
  }

  async readEnds(runId: string, ranges: readonly contract.TaskIdRange[], limit: number) {
    const ends: contract.TaskRunEnd[] = [];
    for (const { taskId: task, from, to } of ranges) {
      const query = listEnds({ runId, task, from, to, limit: limit - ends.length });
      ends.push(...this.#connection.all<TaskRunEndRow>(query).map(toTaskRunEnd));
      if (ends.length >= limit) break;
    }
    return ends;
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

  async refuseCommand(id: number, refusal: CommandRefusal) {
    this.#file.write(() => {
      this.#connection.run(refuseCommand({ id, refusal: JSON.stringify(refusal) }));
      this.#connection.run(deleteRefusedCommands({ id, keptUs: REFUSAL_KEPT_US }));
    });
  }

  async prune(options: contract.PruneOptions) {
    this.#writer.forgetPrunable();
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
