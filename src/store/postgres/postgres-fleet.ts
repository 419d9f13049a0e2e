import type { Instant } from "../../core/clock.ts";
import type {
  ClaimedTaskRun,
  Fleet,
  NewResult,
  NewScheduler,
  NewWorker,
  OfferRequest,
  ResultRecord,
  WorkerRecord,
} from "../fleet.ts";
import type { Query } from "../query.ts";
import { type ClaimedRow, claimOffers, deleteOffersOfWorker } from "./offer.sql.ts";
import type { PostgresConnection } from "./postgres-connection.ts";
import { isCutOff } from "./postgres-error.ts";
import { deleteResults, insertResults, listResults, type ResultRow } from "./result.sql.ts";
import { fromUuid, toUuid } from "./run-uuid.ts";
import * as schedulers from "./scheduler.sql.ts";
import { deleteWorker, keepWorker, listWorkers, type WorkerRow } from "./worker.sql.ts";

/** The number of a scheduler, or the name of a worker. */
type Asker = number | string;

/** Leases, offers and results as rows. Time is the database's, which all processes share; a test brings its own. */
export class PostgresFleet implements Fleet {
  readonly #connection: PostgresConnection;
  readonly #now: () => Instant | null;
  /** Whose last answer may have been lost: it is given again. */
  readonly #unheard = new Set<Asker>();
  readonly #asking = new Map<Asker, Promise<unknown>>();

  constructor(connection: PostgresConnection, now: () => Instant | null) {
    this.#connection = connection;
    this.#now = now;
  }

  async joinScheduler({ name, leaseMs }: NewScheduler): Promise<number> {
    const now = this.#now();
    await this.#connection.run(schedulers.deleteDeadSchedulers({ now }));
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

  async takeRuns(scheduler: number, limit: number): Promise<readonly string[]> {
    const rows = await this.#asked<{ uuid: string }>(scheduler, (again) =>
      again ? schedulers.listHeldRuns({ scheduler }) : schedulers.takeRuns({ scheduler, limit, now: this.#now() }),
    );
    return rows.map(({ uuid }) => fromUuid(uuid)).toSorted();
  }

  async keepWorker(worker: NewWorker, leaseMs: number): Promise<void> {
    const { name, queues, slots, labels, release } = worker;
    const row = { name, queues: JSON.stringify(queues), slots, labels: JSON.stringify(labels), release };
    await this.#connection.run(keepWorker({ ...row, leaseMs, now: this.#now() }));
  }

  async leaveWorker(name: string): Promise<void> {
    await this.#connection.transaction(async (session) => {
      await session.run(deleteOffersOfWorker({ worker: name }));
      await session.run(deleteWorker({ name }));
    });
  }

  async listWorkers(limit: number): Promise<readonly WorkerRecord[]> {
    const rows = await this.#connection.all<WorkerRow & { alive: boolean }>(listWorkers({ limit, now: this.#now() }));
    return rows.map((row) => ({
      ...row,
      queues: JSON.parse(row.queues) as string[],
      labels: JSON.parse(row.labels) as Record<string, string>,
    }));
  }

  async claimOffers({ worker, queues, limit }: OfferRequest): Promise<readonly ClaimedTaskRun[]> {
    const rows = await this.#asked<ClaimedRow>(worker, (again) =>
      claimOffers({ worker, queues: JSON.stringify(queues), limit, again: again ? 1 : 0, now: this.#now() }),
    );
    return rows.map((row) => ({
      taskRunId: row.task_run,
      runId: fromUuid(row.uuid),
      versionId: row.version,
      claim: row.claim,
    }));
  }

  async addResults(results: readonly NewResult[]): Promise<void> {
    if (results.length === 0) return;
    const rows = results.map(({ runId, taskRunId, claim, payload }, place) => ({
      place,
      uuid: toUuid(runId),
      task_run: taskRunId,
      claim,
      payload,
    }));
    await this.#connection.run(insertResults({ results: JSON.stringify(rows) }));
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
          if (isCutOff(error)) this.#unheard.add(asker);
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
