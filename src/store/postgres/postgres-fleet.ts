import type { Instant } from "../../core/clock.ts";
import type {
  ClaimedTaskRun,
  Fleet,
  HeldClaim,
  HeldClaimState,
  LostTaskRun,
  NewResult,
  NewScheduler,
  NewWorker,
  OfferRequest,
  Refusal,
  ResultRecord,
  TaskRunPlace,
  WorkerRecord,
} from "../fleet.ts";
import { STOP_KEY } from "../drawer-place.ts";
import type { Query } from "../query.ts";
import type { RunRow } from "../run-row.ts";
import type { DrawerWrite, RunRecord, TaskRunRecord } from "../store.ts";
import { fromMapIndex, type TaskRunRow, toTaskRunRecord } from "../task-run-row.ts";
import { drawerRow, writeDrawers } from "./drawer.sql.ts";
import * as offers from "./offer.sql.ts";
import type { PostgresConnection } from "./postgres-connection.ts";
import { isCutOff } from "./postgres-error.ts";
import { recordOf } from "./postgres-reader.ts";
import { deleteResults, deleteSpent, insertResults, listResults, type ResultRow } from "./result.sql.ts";
import { fromUuid, toUuid } from "./run-uuid.ts";
import { listRuns } from "./run.sql.ts";
import * as schedulers from "./scheduler.sql.ts";
import { listHeldClaims, listTaskRunsAt } from "./task-run.sql.ts";
import {
  deleteWorker,
  keepWorker,
  listLostTaskRuns,
  listStrayTaskRuns,
  listWorkers,
  type LostRow,
  type WorkerRow,
} from "./worker.sql.ts";

/** The number of a scheduler, or the name of a worker. */
type Asker = number | string;

/** How long a question that was given up may stay on its way: a network tries for a quarter of an hour. */
const STRAY_MS = 1_800_000;

interface HeldClaimRow {
  readonly task_run: number;
  readonly claim: number;
  readonly cancel_requested: number;
  readonly stop_requested: number;
}

/** Leases, offers and results as rows. Time is the database's, which all processes share; a test brings its own. */
export class PostgresFleet implements Fleet {
  readonly #connection: PostgresConnection;
  readonly #now: () => Instant | null;
  /** Whose last answer may have been lost: it is given again. */
  readonly #unheard = new Set<Asker>();
  /** What the last answer to a worker brought. */
  readonly #given = new Map<string, ReadonlySet<string>>();
  /** Workers of which a question may still arrive. */
  readonly #strayUntil = new Map<string, number>();
  readonly #asking = new Map<Asker, Promise<unknown>>();

  constructor(connection: PostgresConnection, now: () => Instant | null) {
    this.#connection = connection;
    this.#now = now;
  }

  async joinScheduler({ name, leaseMs }: NewScheduler): Promise<number> {
    const now = this.#now();
    await this.#connection.run(schedulers.deleteDeadSchedulers({ now }));
    await this.#connection.run(deleteSpent());
    return (await this.#connection.get<{ id: number }>(schedulers.insertScheduler({ name, leaseMs, now })))!.id;
  }

  async keepScheduler(id: number, leaseMs: number): Promise<boolean> {
    return (await this.#connection.run(schedulers.renewScheduler({ id, leaseMs, now: this.#now() }))) === 1;
  }

  async leaveScheduler(id: number): Promise<void> {
    await this.#connection.transaction(async (session) => {
      await session.run(schedulers.freeRunsOf({ id }));
      await session.run(schedulers.deleteScheduler({ id }));
    });
  }

  async takeRuns(scheduler: number, limit: number, only?: readonly string[]): Promise<readonly string[]> {
    const uuids = only === undefined ? null : `{${only.flatMap((id) => toUuid(id) ?? []).join(",")}}`;
    const rows = await this.#asked<{ uuid: string }>(scheduler, (again) =>
      again
        ? schedulers.listHeldRuns({ scheduler })
        : schedulers.takeRuns({ scheduler, limit, only: uuids, now: this.#now() }),
    );
    return rows.map(({ uuid }) => fromUuid(uuid)).toSorted();
  }

  async keepWorker(worker: NewWorker, leaseMs: number): Promise<void> {
    const { name, queues, slots, labels, release, refusals = [] } = worker;
    const texts = {
      queues: JSON.stringify(queues),
      labels: JSON.stringify(labels),
      refusals: JSON.stringify(refusals),
    };
    await this.#connection.run(keepWorker({ name, slots, release, ...texts, leaseMs, now: this.#now() }));
  }

  async leaveWorker(name: string): Promise<void> {
    await this.#connection.transaction(async (session) => {
      await session.run(offers.deleteOffersOfWorker({ worker: name }));
      await session.run(deleteWorker({ name }));
    });
  }

  async listWorkers(limit: number): Promise<readonly WorkerRecord[]> {
    const rows = await this.#connection.all<WorkerRow & { alive: boolean }>(listWorkers({ limit, now: this.#now() }));
    return rows.map((row) => ({
      ...row,
      queues: JSON.parse(row.queues) as string[],
      labels: JSON.parse(row.labels) as Record<string, string>,
      refusals: JSON.parse(row.refusals) as Refusal[],
    }));
  }

  async lostTaskRuns(scheduler: number, limit: number): Promise<readonly LostTaskRun[]> {
    const rows = await this.#connection.all<LostRow>(listLostTaskRuns({ scheduler, limit, now: this.#now() }));
    return rows.map(toLost);
  }

  async claimOffers({ worker, queues, versions, limit }: OfferRequest): Promise<readonly ClaimedTaskRun[]> {
    const rows = await this.#asked<offers.ClaimedRow>(worker, (again) =>
      offers.claimOffers({
        worker,
        queues: JSON.stringify(queues),
        versions: versions === undefined ? null : `{${versions.join(",")}}`,
        limit,
        again: again ? 1 : 0,
        now: this.#now(),
      }),
    );
    // A question that got lost may never have arrived: asked again, it brings what the one before it had brought.
    const before = this.#given.get(worker);
    this.#given.set(worker, new Set(rows.map(executionOf)));
    return rows
      .filter((row) => !before?.has(executionOf(row)))
      .map((row) => ({
        runId: fromUuid(row.uuid),
        versionId: row.version,
        generation: row.run_generation,
        taskRun: toTaskRunRecord(row),
      }));
  }

  async strayClaims(worker: string, limit: number): Promise<readonly LostTaskRun[]> {
    if (performance.now() >= (this.#strayUntil.get(worker) ?? 0)) return [];
    return (await this.#connection.all<LostRow>(listStrayTaskRuns({ worker, limit }))).map(toLost);
  }

  async offeredVersions(queues: readonly string[], except: readonly number[], limit: number) {
    const query = { queues: JSON.stringify(queues), except: `{${except.join(",")}}`, limit };
    const rows = await this.#connection.all<{ version: number }>(offers.listOfferedVersions(query));
    return rows.map(({ version }) => version);
  }

  async heldClaims(claims: readonly HeldClaim[]): Promise<readonly HeldClaimState[]> {
    if (claims.length === 0) return [];
    const asked = JSON.stringify(claims.map(({ taskRunId, claim }) => ({ task_run: taskRunId, claim })));
    const rows = await this.#connection.all<HeldClaimRow>(listHeldClaims({ claims: asked, stop: STOP_KEY }));
    return rows.map((row) => ({
      taskRunId: row.task_run,
      claim: row.claim,
      cancelRequested: row.cancel_requested === 1,
      stopRequested: row.stop_requested === 1,
    }));
  }

  async readRuns(runIds: readonly string[]): Promise<readonly RunRecord[]> {
    if (runIds.length === 0) return [];
    const uuids = runIds.flatMap((id) => toUuid(id) ?? []);
    return (await this.#connection.all<RunRow>(listRuns({ uuids: `{${uuids.join(",")}}` }))).map(recordOf);
  }

  async readTaskRuns(places: readonly TaskRunPlace[]): Promise<readonly (TaskRunRecord | null)[]> {
    if (places.length === 0) return [];
    const asked = places.map(({ runId, taskId, mapIndex }, place) => ({
      place,
      uuid: toUuid(runId),
      task: taskId,
      map_index: fromMapIndex(mapIndex),
    }));
    const found = new Array<TaskRunRecord | null>(places.length).fill(null);
    const rows = await this.#connection.all<TaskRunRow & { place: number }>(
      listTaskRunsAt({ places: JSON.stringify(asked) }),
    );
    for (const row of rows) found[row.place] = toTaskRunRecord(row);
    return found;
  }

  async writeDrawers(writes: readonly DrawerWrite[]): Promise<readonly boolean[]> {
    if (writes.length === 0) return [];
    const row = await this.#connection.get<{ written: number[] }>(
      writeDrawers({ drawers: JSON.stringify(writes.map((write, place) => drawerRow(place, write))) }),
    );
    const written = new Set(row?.written);
    return writes.map((_, place) => written.has(place));
  }

  async addResults(results: readonly NewResult[]): Promise<readonly number[]> {
    if (results.length === 0) return [];
    const rows = results.map(({ runId, taskRunId, claim, payload }, place) => ({
      place,
      uuid: toUuid(runId),
      task_run: taskRunId,
      claim,
      payload,
    }));
    const holders = await this.#connection.all<{ scheduler: number }>(insertResults({ results: JSON.stringify(rows) }));
    return holders.map(({ scheduler }) => scheduler);
  }

  async pendingResults(scheduler: number, limit: number): Promise<readonly ResultRecord[]> {
    const rows = await this.#connection.all<ResultRow>(listResults({ scheduler, limit }));
    return rows.map((row) => ({
      id: row.id,
      runId: fromUuid(row.uuid),
      taskRunId: row.task_run,
      claim: row.claim,
      payload: row.payload,
    }));
  }

  async removeResults(ids: readonly number[]): Promise<void> {
    if (ids.length > 0) await this.#connection.run(deleteResults({ ids: `{${ids.join(",")}}` }));
  }

  /**
   * What is given to one asker only must not be lost with an answer: after such a loss the question is asked `again`, which
   * says all that the asker has been given. One question of an asker after the other, or one would miss what another got.
   */
  #asked<Row>(asker: Asker, question: (again: boolean) => Query): Promise<Row[]> {
    const answer = (this.#asking.get(asker) ?? Promise.resolve()).then(() =>
      this.#connection.patiently(async () => {
        try {
          const rows = await this.#connection.once<Row>(question(this.#unheard.has(asker)));
          this.#unheard.delete(asker);
          return rows;
        } catch (error) {
          if (isCutOff(error)) {
            this.#unheard.add(asker);
            if (typeof asker === "string") this.#strayUntil.set(asker, performance.now() + STRAY_MS);
          }
          throw error;
        }
      }),
    );
    this.#asking.set(
      asker,
      answer.catch(() => {}),
    );
    return answer;
  }
}

const toLost = ({ uuid, task_run, claim, worker }: LostRow): LostTaskRun => ({
  runId: fromUuid(uuid),
  taskRunId: task_run,
  claim,
  worker,
});

const executionOf = ({ id, claim }: offers.ClaimedRow): string => `${id}/${claim}`;
