import type { RunHead, StoreReader } from "../store/reader.ts";

const REMEMBERED = 50;

export interface TaskPlace {
  readonly task: string;
  readonly mapIndex: number | null;
}

/** What a log line does not hold: whose it is, and in which attempt it was written. */
export interface Places {
  readonly tasks: ReadonlyMap<number, TaskPlace>;
  /** By task run and claim. */
  attemptOf(taskRunId: number, claim: number): number | null;
}

/** The names behind the numbers of a run's lines. Read once for each state that the run is in. */
export class RunPlaces {
  readonly #reader: StoreReader;
  readonly #known = new Map<string, { readonly facts: string; readonly places: Places }>();

  constructor(reader: StoreReader) {
    this.#reader = reader;
  }

  async of({ run, counts }: RunHead): Promise<Places> {
    const facts = `${run.revision} ${JSON.stringify(counts)}`;
    const known = this.#known.get(run.id);
    if (known?.facts === facts) return known.places;
    const places = await this.#read(run.id);
    this.#known.delete(run.id);
    this.#known.set(run.id, { facts, places });
    if (this.#known.size > REMEMBERED) this.#known.delete(this.#known.keys().next().value!);
    return places;
  }

  async #read(runId: string): Promise<Places> {
    const detail = await this.#reader.runDetail(runId, { outputs: false });
    const tasks = new Map<number, TaskPlace>();
    const attempts = new Map<string, number>();
    for (const { taskRunId, claim, attempt } of await this.#reader.attempts(runId))
      attempts.set(`${taskRunId} ${claim}`, attempt);
    for (const { id, task, mapIndex, claim, attempt } of detail?.taskRuns ?? []) {
      tasks.set(id, { task, mapIndex });
      if (!attempts.has(`${id} ${claim}`)) attempts.set(`${id} ${claim}`, attempt);
    }
    return { tasks, attemptOf: (taskRunId, claim) => attempts.get(`${taskRunId} ${claim}`) ?? null };
  }
}
