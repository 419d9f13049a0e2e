import type { Instant } from "../../core/clock.ts";
import type { Transition } from "../../core/transition.ts";
import type { LiveRun } from "../live-run.ts";
import { ExportQueue } from "./export-queue.ts";
import { type LineageEvent, type LineageType, runEvent, taskEvent } from "./lineage-event.ts";
import type { RunObserver } from "./run-observer.ts";

export interface LineageExporterOptions {
  /** Where events are posted. */
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Of jobs, and of assets whose name is no URL. */
  readonly namespace: string;
  readonly now: () => Instant;
  readonly notice: (text: string) => void;
  /** Default: 1,000. */
  readonly everyMs?: number;
}

/** Ids that are remembered: of runs whose beginning was told. */
const REMEMBERED = 50_000;

/** Runs, and tasks that make or read assets, as OpenLineage has them. Receivers take one event in a request. */
export class LineageExporter implements RunObserver {
  readonly #options: LineageExporterOptions;
  readonly #queue: ExportQueue<LineageEvent>;
  readonly #begun = new Set<string>();

  constructor(options: LineageExporterOptions) {
    const { url, headers, notice, everyMs = 1_000 } = options;
    this.#options = options;
    const encode = ([event]: readonly unknown[]): string => JSON.stringify(event);
    this.#queue = new ExportQueue({ what: "Lineage", url, headers, batch: 1, encode, notice, everyMs });
  }

  applied(run: LiveRun, transitions: readonly Transition[], ended: boolean): void {
    const { namespace, now } = this.#options;
    const generation = `${run.id} ${run.model.header.generation}`;
    if (!this.#begun.has(generation)) {
      this.#remember(generation);
      this.#queue.add(runEvent(run, { type: "START", at: run.record.createdAt, namespace }));
    }
    for (const transition of transitions) this.#task(run, transition);
    if (!ended) return;
    this.#begun.delete(generation);
    const { state } = run.model.header;
    const type = state === "succeeded" ? "COMPLETE" : state === "cancelled" ? "ABORT" : "FAIL";
    this.#queue.add(runEvent(run, { type, at: now(), namespace }));
  }

  logged(): void {}

  close(limitMs: number): Promise<void> {
    return this.#queue.close(limitMs);
  }

  #task(run: LiveRun, { instance, to, at, attempt, ended, error, result, claim }: Transition): void {
    const { task, id: taskRunId } = instance;
    const { produces, consumes } = run.version.record.manifest.tasks[task]!;
    if (produces === undefined && consumes === undefined) return;
    const about = { task, taskRunId, attempt, namespace: this.#options.namespace };
    // What goes on after a wait has begun before.
    if (to === "running" && instance.wait === null) this.#queue.add(taskEvent(run, { ...about, type: "START", at }));
    if (ended === null || claim === 0) return;
    const events = to === "succeeded" ? (result?.events ?? []) : [];
    this.#queue.add(taskEvent(run, { ...about, type: TYPES[to] ?? "ABORT", at: ended.endedAt, error, events }));
  }

  #remember(generation: string): void {
    this.#begun.add(generation);
    if (this.#begun.size > REMEMBERED) this.#begun.delete(this.#begun.values().next().value!);
  }
}

const TYPES: Readonly<Record<string, LineageType>> = {
  succeeded: "COMPLETE",
  skipped: "COMPLETE",
  failed: "FAIL",
  up_for_retry: "FAIL",
};
