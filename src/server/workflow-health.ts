import type { ErrorData } from "../core/errors.ts";
import { MOST_RUNS } from "../core/usual-duration.ts";
import type { RunSummary, StoreReader, WorkflowSummary } from "../store/reader.ts";

const LOOKED_AT = MOST_RUNS + 1;
const REMEMBERED = 5_000;

/** The first task of a run that failed, and with what. */
export interface FailedTask {
  readonly task: string;
  readonly mapIndex: number | null;
  readonly error: ErrorData | null;
}

/** The last runs of each workflow, which say whether it is well. Read once for each change of a run of it. */
export class WorkflowHealth {
  readonly #reader: StoreReader;
  readonly #runs = new Map<string, { readonly facts: string; readonly runs: readonly RunSummary[] }>();
  /** By run and generation. */
  readonly #failed = new Map<string, FailedTask | null>();

  constructor(reader: StoreReader) {
    this.#reader = reader;
  }

  /** Newest first. */
  async runs({ name, counts, lastRun }: WorkflowSummary): Promise<readonly RunSummary[]> {
    const facts = `${lastRun?.id ?? ""} ${JSON.stringify(counts)}`;
    const known = this.#runs.get(name);
    if (known?.facts === facts) return known.runs;
    const runs = lastRun === null ? [] : await this.#reader.listRuns({ workflow: name, limit: LOOKED_AT });
    this.#runs.set(name, { facts, runs });
    if (this.#runs.size > REMEMBERED) this.#runs.delete(this.#runs.keys().next().value!);
    return runs;
  }

  /** `null`: no task failed, as when the run took too long. */
  async failedTask({ id, generation }: Pick<RunSummary, "id" | "generation">): Promise<FailedTask | null> {
    const key = `${id} ${generation}`;
    const known = this.#failed.get(key);
    if (known !== undefined) return known;
    const rows = (await this.#reader.runDetail(id, { outputs: false }))?.taskRuns ?? [];
    const [first] = rows
      .filter(({ state }) => state === "failed")
      .sort((a, b) => (a.endedAt ?? Infinity) - (b.endedAt ?? Infinity));
    const found = first === undefined ? null : { task: first.task, mapIndex: first.mapIndex, error: first.error };
    this.#failed.set(key, found);
    if (this.#failed.size > REMEMBERED) this.#failed.delete(this.#failed.keys().next().value!);
    return found;
  }
}
