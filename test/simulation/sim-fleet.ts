import type * as fleet from "../../src/store/fleet.ts";
import type { DrawerWrite } from "../../src/store/store.ts";
import type { SimDatabase } from "./sim-database.ts";
import type { SimStore } from "./sim-store.ts";

/** The fleet as one process sees it: behind the same wire as its store. */
export class SimFleet implements fleet.Fleet {
  readonly #database: SimDatabase;
  readonly #store: SimStore;
  /** Schedulers and workers whose last answer may have been lost: what they hold is said again. */
  readonly #unheard = new Set<number>();

  constructor(database: SimDatabase, store: SimStore) {
    this.#database = database;
    this.#store = store;
  }

  joinScheduler(scheduler: fleet.NewScheduler) {
    return this.#store.ask("join", true, async () => this.#database.join(scheduler));
  }

  keepScheduler(id: number, leaseMs: number) {
    return this.#store.ask("keep the scheduler's lease", true, async () => this.#database.keep(id, leaseMs));
  }

  leaveScheduler(id: number) {
    return this.#store.ask("leave", true, () => this.#database.leave(id));
  }

  async takeRuns(id: number, limit: number) {
    const again = this.#unheard.has(id);
    this.#unheard.add(id);
    const taken = await this.#store.ask("take runs", true, () =>
      again ? this.#database.held(id) : this.#database.take(id, limit),
    );
    this.#unheard.delete(id);
    return taken;
  }

  keepWorker(worker: fleet.NewWorker, leaseMs: number) {
    return this.#store.ask("keep the worker's lease", true, async () => this.#database.keepWorker(worker, leaseMs));
  }

  leaveWorker(name: string) {
    return this.#store.ask("leave, worker", true, async () => this.#database.leaveWorker(name));
  }

  listWorkers() {
    return this.#store.ask("list workers", false, async () => this.#database.workers());
  }

  lostTaskRuns(id: number) {
    return this.#store.ask("list what is lost", false, () => this.#database.lost(id));
  }

  /** What PostgreSQL gave in an answer that got lost it gives again: here no such answer is lost. */
  claimOffers(request: fleet.OfferRequest) {
    return this.#store.askSurely(`claim ${request.limit} offers`, () => this.#database.claim(request));
  }

  offeredVersions(queues: readonly string[], except: readonly number[]) {
    return this.#store.ask("list what is offered", false, () => this.#database.offeredVersions(queues, except));
  }

  heldClaims(claims: readonly fleet.HeldClaim[]) {
    return this.#store.ask("list held claims", false, async () => this.#database.heldClaims(claims));
  }

  /** No question of a worker arrives late here. */
  async strayClaims() {
    return [];
  }

  readRuns(runIds: readonly string[]) {
    return this.#store.ask("read runs", false, async () => {
      const runs = await Promise.all(runIds.map((runId) => this.#database.loadRun(runId)));
      return runs.flatMap((loaded) => (loaded ? [loaded.run] : []));
    });
  }

  readTaskRuns(places: readonly fleet.TaskRunPlace[]) {
    return this.#store.ask("read task runs", false, () =>
      Promise.all(
        places.map(async ({ runId, taskId, mapIndex }) => {
          const loaded = await this.#database.loadRun(runId);
          return loaded?.taskRuns.find((row) => row.taskId === taskId && row.mapIndex === mapIndex) ?? null;
        }),
      ),
    );
  }

  writeDrawers(writes: readonly DrawerWrite[]) {
    return this.#store.ask("write drawers", true, () => this.#database.writeDrawers(writes));
  }

  addResults(results: readonly fleet.NewResult[]) {
    return this.#store.ask(`add ${results.length} results`, true, async () => this.#database.addResults(results));
  }

  pendingResults(id: number, limit: number) {
    return this.#store.ask("read results", false, async () => this.#database.results(id, limit));
  }

  removeResults(ids: readonly number[]) {
    return this.#store.ask("remove results", true, async () => this.#database.removeResults(ids));
  }
}
