import type { Clock } from "../../core/clock.ts";
import { type CommandRecord, type CommandRefusal, REFUSAL_KEPT_US } from "../command-inbox.ts";
import type { Deployment } from "../deployment.ts";
import type { StoreReader } from "../reader.ts";
import type { RunRow } from "../run-row.ts";
import type * as contract from "../store.ts";
import { type TaskRunEndRow, type TaskRunRow, toOutput, toTaskRunEnd, toTaskRunRecord } from "../task-run-row.ts";
import type { VersionRow } from "../version-row.ts";
import { type BundleRow, getBundle } from "./bundle.sql.ts";
import {
  type CommandRow,
  deleteCommands,
  deleteRefusedCommands,
  listCommands,
  refuseCommand,
  takeCommands,
} from "./command.sql.ts";
import { deploy } from "./deployer.ts";
import { INPUTS_PREFIX, STEPS_PREFIX, stateKeyOf } from "../drawer-place.ts";
import { getInput, getMemory, getState, listSteps } from "./drawer.sql.ts";
import { GroupWriter } from "./group-writer.ts";
import type { PostgresConnection } from "./postgres-connection.ts";
import { PostgresAccess } from "./postgres-access.ts";
import { PostgresBackfills } from "./postgres-backfills.ts";
import { PostgresCache } from "./postgres-cache.ts";
import { PostgresCalls } from "./postgres-calls.ts";
import { PostgresAssets } from "./postgres-assets.ts";
import { PostgresAlerts } from "./postgres-alerts.ts";
import { PostgresEvents } from "./postgres-events.ts";
import { PostgresFleet } from "./postgres-fleet.ts";
import { PostgresLimits } from "./postgres-limits.ts";
import { PostgresProcesses } from "./postgres-processes.ts";
import { PostgresSecrets } from "./postgres-secrets.ts";
import { PostgresWebhooks } from "./postgres-webhooks.ts";
import { PostgresSchedules } from "./postgres-schedules.ts";
import { PostgresReader, recordOf } from "./postgres-reader.ts";
import { prune } from "./pruner.ts";
import { fromUuid, toUuid } from "./run-uuid.ts";
import { getRun, listUnfinishedRuns } from "./run.sql.ts";
import { fromStoredText, toStoredText } from "../stored-text.ts";
import { listEnds, listOutputs, listTaskRunsWithStops } from "./task-run.sql.ts";
import { registerVersion, toVersionRecord } from "./version-registry.ts";
import { getLatestVersion, getVersion } from "./version.sql.ts";

/** The store of one process on a PostgreSQL database, beside any number of others. Made by `openPostgresStore`. */
export class PostgresStore implements contract.Store {
  readonly fleet: PostgresFleet;
  readonly processes: PostgresProcesses;
  readonly schedules: PostgresSchedules;
  readonly backfills: PostgresBackfills;
  readonly access: PostgresAccess;
  readonly alerts: PostgresAlerts;
  readonly events: PostgresEvents;
  readonly limits: PostgresLimits;
  readonly assets: PostgresAssets;
  readonly secrets: PostgresSecrets;
  readonly webhooks: PostgresWebhooks;
  readonly calls: PostgresCalls;
  readonly cache: PostgresCache;
  readonly #connection: PostgresConnection;
  readonly #writer: GroupWriter;
  readonly #clock: Clock | null;

  /** `clock`: of a test; `null`: the database's. */
  constructor(connection: PostgresConnection, writer: number, clock: Clock | null) {
    this.#connection = connection;
    this.#clock = clock;
    this.#writer = new GroupWriter(connection, writer, () => this.#now());
    this.fleet = new PostgresFleet(connection, () => this.#now());
    this.processes = new PostgresProcesses(connection, () => this.#now());
    this.access = new PostgresAccess(connection);
    this.alerts = new PostgresAlerts(connection, () => this.#now());
    this.schedules = new PostgresSchedules(connection, () => this.#now());
    this.backfills = new PostgresBackfills(connection);
    this.events = new PostgresEvents(connection, () => this.#now());
    this.limits = new PostgresLimits(connection, () => this.#now());
    this.assets = new PostgresAssets(connection);
    this.secrets = new PostgresSecrets(connection);
    this.webhooks = new PostgresWebhooks(connection);
    this.calls = new PostgresCalls(connection);
    this.cache = new PostgresCache(connection);
  }

  async registerVersion(version: contract.NewVersion) {
    return this.#connection.transaction((session) => registerVersion(session, version));
  }

  async deploy(deployment: Deployment) {
    return this.#connection.transaction((session) => deploy(session, deployment));
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
      const taskRuns = await session.all<TaskRunRow>(listTaskRunsWithStops({ run: row.seq }));
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
    const query =
      drawer.drawer === "memory"
        ? getMemory({ task: drawer.taskId, key: toStoredText(drawer.key) })
        : getState({ taskRun: drawer.taskRunId, key: toStoredText(stateKeyOf(drawer)) });
    return (await this.#connection.get<{ value: string }>(query))?.value ?? null;
  }

  async readSteps(taskRun: number): Promise<readonly string[]> {
    const rows = await this.#connection.all<{ value: string }>(listSteps({ taskRun, prefix: STEPS_PREFIX }));
    return rows.map(({ value }) => value);
  }

  async readInput(taskRun: number, body: number): Promise<string | null> {
    const query = getInput({ taskRun, body, prefix: INPUTS_PREFIX });
    return (await this.#connection.get<{ value: string }>(query))?.value ?? null;
  }

  async readEnds(runId: string, ranges: readonly contract.TaskIdRange[], limit: number) {
    const run = toUuid(runId);
    if (run === null || ranges.length === 0) return [];
    const rows = ranges.map(({ taskId, from, to }, place) => ({ place, task: taskId, first: from, last: to }));
    const ends = await this.#connection.all<TaskRunEndRow>(listEnds({ run, ranges: JSON.stringify(rows), limit }));
    return ends.map(toTaskRunEnd);
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

  async refuseCommand(id: number, refusal: CommandRefusal) {
    await this.#connection.run(refuseCommand({ id, refusal: JSON.stringify(refusal) }));
    await this.#connection.run(deleteRefusedCommands({ id, keptUs: REFUSAL_KEPT_US }));
  }

  async prune(options: contract.PruneOptions) {
    return prune(this.#connection, options);
  }

  async close() {
    await this.#connection.close();
  }

  /** Reads on this store's own connections. */
  reader(): Omit<StoreReader, "close"> {
    return new PostgresReader(this.#connection, () => this.#now());
  }

  #now() {
    return this.#clock?.now() ?? null;
  }

  async #version(query: Parameters<PostgresConnection["get"]>[0]): Promise<contract.VersionRecord | null> {
    const row = await this.#connection.get<VersionRow>(query);
    return row === null ? null : toVersionRecord(row);
  }
}
