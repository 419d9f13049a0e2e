import type { Store } from "../../store/store.ts";
import type { RunStarter } from "./run-starter.ts";
import type { WindowLimits } from "./window-limits.ts";

export interface AdmissionDeps {
  readonly store: Pick<Store, "schedules">;
  readonly starter: RunStarter;
  /** `undefined`: the workflow has no schedules any more. */
  readonly limitsOf: (workflow: string) => WindowLimits | undefined;
}

/** Lets runs begin that were held for their turn or their past, when what they waited for may have come about. */
export class Admission {
  readonly #deps: AdmissionDeps;
  readonly #asked = new Set<string>();
  /** Workflows of which runs may have been let in without anybody hearing of it. */
  readonly #unsure = new Set<string>();

  constructor(deps: AdmissionDeps) {
    this.#deps = deps;
  }

  /** Something of the workflow has ended, was recorded or was unpaused. */
  ask(workflow: string): void {
    this.#asked.add(workflow);
  }

  /** Answers the workflows of which runs have begun. What fails is asked again with the next tick. */
  async tick(): Promise<readonly string[]> {
    const begun: string[] = [];
    for (const workflow of this.#asked) {
      const limits = this.#deps.limitsOf(workflow);
      if (limits !== undefined && (await this.#admit(workflow, limits))) begun.push(workflow);
      this.#asked.delete(workflow);
    }
    return begun;
  }

  async #admit(workflow: string, { maxActive, past, overlap }: WindowLimits): Promise<boolean> {
    const { store, starter } = this.#deps;
    if (overlap === "cancel_running" && maxActive !== null) await this.#cancelOldest(workflow, maxActive);
    const unsure = this.#unsure.has(workflow);
    this.#unsure.add(workflow);
    const admitted = await store.schedules.admit(workflow, { maxActive, past });
    const active = unsure ? await store.schedules.activeRuns(workflow) : [];
    const runs = unsure ? active.flatMap(({ id, held }) => (held ? [] : [id])) : admitted;
    if (runs.length > 0) await starter.take(runs);
    this.#unsure.delete(workflow);
    return admitted.length > 0;
  }

  /** All but the newest that fit make way. */
  async #cancelOldest(workflow: string, maxActive: number): Promise<void> {
    const all = await this.#deps.store.schedules.activeRuns(workflow);
    // A backfill begins nothing while others wait: it makes way by itself.
    const active = all.filter(({ backfill }) => !backfill);
    if (!active.some(({ held }) => held)) return;
    for (const { id } of active.slice(0, -maxActive)) await this.#deps.starter.cancel(id);
  }
}
