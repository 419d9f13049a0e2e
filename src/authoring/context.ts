import type { ArtifactDraft } from "./artifact.ts";

/**
 * What a task gets besides its input.
 *
 * @example
 * const extract = task("extract", async ({ region }: { region: string }, ctx) => {
 *   ctx.log.info("extracting", { region, day: ctx.date });
 *   if (ctx.date < "2025-01-01") ctx.skip("before the shop opened");
 *   return { region, day: ctx.date };
 * });
 */
export interface Context {
  /** The run's params, as the workflow's schema parsed them; `undefined` without a schema. */
  readonly params: unknown;
  /** `version`: hash of the code and the graph that this run is pinned to. */
  readonly workflow: { readonly name: string; readonly version: string };
  /** The task's name in this workflow. */
  readonly task: string;
  /** `generation`: 1, and one more each time a user re-opens the run. `backfill`: the id of the backfill that made it. */
  readonly runInfo: {
    readonly id: string;
    readonly generation: number;
    readonly trigger: "schedule" | "manual" | "event" | "asset" | "run" | "backfill";
    readonly backfill: string | null;
  };
  /** The half-open window that the run covers. Never absent: a run without a schedule has a window of no width at its start. */
  readonly interval: { readonly start: Date; readonly end: Date };
  /** Calendar date of the window's start in the schedule's zone, `2025-08-12`. */
  readonly date: string;
  /** 1 for the first try. */
  readonly attempt: number;
  /** Its place in the list that the task was mapped over; `null` for a task that was not. */
  readonly mapIndex: number | null;
  /** The same in every attempt at this task run, for systems that recognise a repeated call. Clearing a success changes it. */
  readonly idempotencyKey: string;
  /** Aborts when the run is cancelled, the task times out, or the worker stops. Pass it on to `fetch` and drivers. */
  readonly signal: AbortSignal;
  /** Structured lines in the log of this attempt. */
  readonly log: Readonly<Record<"debug" | "info" | "warn" | "error", (message: string, fields?: object) => void>>;
  /** Shows a bar in the terminal and in the UI. Any unit; the last call wins. */
  progress(done: number, total: number, note?: string): void;
  /** An artifact of this task run, to be written. */
  artifact(name: string): ArtifactDraft;
  /** Survives the attempts and retries of this task run, e.g. the id of a job that was submitted elsewhere. */
  readonly state: Drawer;
  /** Survives the runs of this task, e.g. a high-water mark. A backfill reads it and does not write it. */
  readonly memory: Drawer;
  /** Ends the task as `skipped`. It throws, so nothing after it runs. */
  skip(reason: string): never;
}

/** A few small values by key. A promise resolves once its change is durable; a worker that lost its task can't change anything any more. */
export interface Drawer {
  /** `undefined` when nothing is there. */
  get<T>(key: string): Promise<T | undefined>;
  /** Values as they cross tasks. `undefined` deletes. */
  set(key: string, value: unknown): Promise<void>;
  /** Sets what `change` makes of the old value, and gives it back. */
  update<T>(key: string, change: (old: T | undefined) => T): Promise<T>;
}
