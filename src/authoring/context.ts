import type { StandardSchemaV1 } from "@standard-schema/spec";
import type { Duration } from "../core/duration.ts";
import type { Approval, ApprovalOptions } from "./approval.ts";
import type { ArtifactDraft } from "./artifact.ts";
import type { Asset } from "./asset.ts";
import type { EventInfo } from "./event-info.ts";
import type { Sensor } from "./sensor.ts";
import type { Task } from "./task.ts";
import type { Workflow } from "./workflow.ts";
import type { WaitForWindowOptions, WindowRun, WorkflowRun } from "./workflow-run.ts";

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
  /** `generation`: 1, and one more each time a user re-opens the run. `backfill`: the id of the backfill that runs its window, or did last. */
  readonly runInfo: {
    readonly id: string;
    readonly generation: number;
    readonly trigger: "schedule" | "manual" | "event" | "asset" | "run" | "backfill";
    readonly backfill: string | null;
  };
  /** What started the run; `null`: no event did. Of several assets, the one that was updated last. */
  readonly event: EventInfo | null;
  /** All that started it: of several assets, the last update of each, the newest first. */
  readonly events: readonly EventInfo[];
  /** The half-open window that the run covers. Never absent: a run without a schedule has a window of no width at its start. */
  readonly interval: { readonly start: Date; readonly end: Date };
  /** Calendar date of the window's start in the schedule's zone, `2025-08-12`. */
  readonly date: string;
  /**
   * The partition that the run makes, of a workflow whose assets have `partitions`: its key as text, and of several dimensions the part of each by name
   * (else none). Of a partition in time, `interval` is its window. `null`: the run makes none.
   */
  readonly partition: { readonly key: string; readonly dimensions: Readonly<Record<string, string>> } | null;
  /** 1 for the first try. */
  readonly attempt: number;
  /** Its place in the list that the task was mapped over, or its number among the runs of this task in a flow; `null` for any other. */
  readonly mapIndex: number | null;
  /** The same in every attempt at this task run, for systems that recognise a repeated call. Clearing a success changes it. */
  readonly idempotencyKey: string;
  /** This execution in the trace of its run, as the header of W3C Trace Context says it; commands get it as `TRACEPARENT`. `null`: nobody receives traces. */
  readonly traceparent: string | null;
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
  /** Survives the runs of this task, e.g. a high-water mark. A backfill reads it, and what it sets there only the same attempt sees. */
  readonly memory: Drawer;
  /**
   * Does something once for this task run: what `work` returns is recorded, durable when the promise resolves, and given at once where the
   * body runs again after a restart or in a later attempt. What throws is not recorded unless the body goes on without it. Clearing
   * a success forgets the steps.
   *
   * @throws TuttiError `STEP_AMBIGUOUS` for one name, or name and key, that is open twice at once; `STEPS_CHANGED` where the body asks for other
   * steps than before; `STEP_TOO_LARGE`, `BAD_STEP`, `STEP_IN_STEP`, `STEP_OUTSIDE_TASK`, `VALUE_NOT_SERIALIZABLE`.
   * @example
   * const order = task("order", async ({ card }: { card: string }, ctx) => {
   *   const charge = await ctx.step("charge", () => ({ id: `charge-${card}` }));
   *   await ctx.sleep("2h");
   *   return ctx.step("ship", () => `shipped ${charge.id}`);
   * });
   */
  step<T>(name: string, work: () => T | Promise<T>, options?: StepOptions): Promise<T>;
  /**
   * In the body of a flow: runs a task, with retries, log and limits of its own, and gives what it returned. It is found again by the task and its
   * input, so a body that runs again after a restart gets the same value at once. Side by side with `Promise.all`.
   *
   * @throws TaskFailed when it has failed for good; TaskSkipped when it has skipped itself. TuttiError `RUN_OUTSIDE_FLOW`, `TASK_NOT_DECLARED`,
   * `STEPS_CHANGED`, `STEP_IN_STEP`, `STEP_OUTSIDE_TASK`, `VALUE_NOT_SERIALIZABLE`, `VALUE_TOO_LARGE`.
   * @example
   * const add = task("add", async ({ a, b }: { a: number; b: number }) => a + b);
   * const sum = flow("sum", {}, async (_, ctx) => {
   *   let total = 0;
   *   for (const b of [1, 2, 3]) total = await ctx.run(add, { a: total, b });
   *   return total;
   * });
   */
  run<In, R>(
    task: Task<In, R> | Sensor<In, R>,
    ...input: [In] extends [void] ? [] : {} extends In ? [input?: In] : [input: In]
  ): Promise<R>;
  /**
   * Waits, without a slot while nothing else goes on in this task, and through restarts. `"2h"` or milliseconds. `timeout` does not count it.
   *
   * @throws TuttiError `BAD_DURATION`, `STEP_IN_STEP`, `STEP_OUTSIDE_TASK`
   */
  sleep(time: Duration): Promise<void>;
  /**
   * Waits until an event of this name is emitted, without a slot while nothing else goes on in this task, and through restarts; `null` when none came within `timeout`. What
   * was emitted before the first call does not count; of several that match, the first is taken. `timeout` of the task does not count it.
   *
   * @throws TuttiError `BAD_EVENT_NAME`, `BAD_OPTION`, `BAD_DURATION`, `STEP_IN_STEP`, `STEP_OUTSIDE_TASK`
   * @example
   * const order = task("order", async ({ id }: { id: string }, ctx) => {
   *   const paid = await ctx.waitForEvent("payment.received", { match: { order: id }, timeout: "3d" });
   *   if (paid === null) ctx.skip("nobody paid");
   *   return ctx.step("ship", () => `shipped ${id}`);
   * });
   */
  waitForEvent(name: string, options?: WaitForEventOptions): Promise<EventInfo | null>;
  /**
   * Asks a person, and waits for the answer without a slot and through restarts: `tutti approvals` lists what is asked, `tutti approve` and `tutti reject`
   * answer. The first answer counts. `timeout` of the task does not count it.
   *
   * @throws TuttiError `APPROVAL_TIMED_OUT` with `onTimeout: "fail"`; `APPROVAL_FORM_INVALID`, `BAD_OPTION`, `UNKNOWN_OPTION`, `BAD_DURATION`,
   * `STEP_IN_STEP`, `STEP_OUTSIDE_TASK`
   * @example
   * const pay = task("pay", async ({ amount }: { amount: number }, ctx) => {
   *   const answer = await ctx.approval({
   *     title: `Pay ${amount} EUR?`,
   *     form: z.object({ account: z.string() }),
   *     by: ["ada", "admin"],
   *     timeout: "3d",
   *   });
   *   if (!answer.approved) ctx.skip(answer.timedOut ? "nobody answered" : `${answer.by} said no`);
   *   return ctx.step("transfer", () => `${amount} from ${answer.form?.account}`);
   * });
   */
  approval<F extends StandardSchemaV1 = StandardSchemaV1<unknown, undefined>>(
    options: ApprovalOptions<F>,
  ): Promise<Approval<StandardSchemaV1.InferOutput<F>>>;
  /**
   * Starts a run of another workflow and waits for its end, without a slot and through restarts. It is started once, whatever dies: a body that runs
   * again finds the same run. It gets this run's window, and goes by its own limits, retries and alerts; cancelling this run leaves it as it is. It may be
   * paused. `timeout` of the task does not count the wait.
   *
   * @throws RunFailed when it has failed or was cancelled; the next attempt starts another one. TuttiError `RUN_CYCLE` where it is among those that wait for
   * this run, `WORKFLOW_NOT_FOUND`, `PARAMS_INVALID`, `PARAMS_UNEXPECTED`, `NOT_A_WORKFLOW`, `RUN_OUTSIDE_WORKFLOW`, `RUN_GONE`, `STEP_TOO_LARGE`,
   * `VALUE_NOT_SERIALIZABLE`, `STEP_IN_STEP`, `STEP_OUTSIDE_TASK`
   * @example
   * const publish = task("publish", async (_: void, ctx) => {
   *   const { id, output } = await ctx.runWorkflow("retail", { region: "emea" });
   *   ctx.log.info("the figures are there", { run: id, output });
   * });
   */
  runWorkflow<P>(workflow: Workflow<P> | string, ...params: [params?: NoInfer<P>]): Promise<WorkflowRun>;
  /**
   * Waits until runs of another workflow have succeeded whose windows cover this run's window whole, or the one that is given: one run of the same day or
   * of the week around it, or 24 of its hours. However they were started. Without a slot and through restarts.
   *
   * @throws RunFailed with `onFailure: "fail"`; TuttiError `WINDOW_TIMED_OUT`, `WAITS_FOR_ITSELF`, `NOT_A_WORKFLOW`, `RUN_OUTSIDE_WORKFLOW`, `UNKNOWN_OPTION`,
   * `BAD_OPTION`, `BAD_DURATION`, `STEP_IN_STEP`, `STEP_OUTSIDE_TASK`
   * @example
   * const report = task("report", async (_: void, ctx) => {
   *   const runs = await ctx.waitForWindow("ingest_hourly", { timeout: "6h" });
   *   return runs.length;
   * });
   */
  waitForWindow(workflow: Workflow | string, options?: WaitForWindowOptions): Promise<readonly WindowRun[]>;
  /** The time, to the millisecond: the same again where the body runs again. */
  now(): Date;
  /** A number in [0, 1): the same again where the body runs again. Not for secrets. */
  random(): number;
  /**
   * Says that something has happened: workflows with `onEvent` of this name start, and tasks that wait for it go on. It takes effect in the transaction
   * that records this task's success, once; of a task that fails, nothing does. Their runs get this run's window.
   *
   * @throws TuttiError `BAD_EVENT_NAME`, `BAD_EVENT`, `EVENT_TOO_LARGE`, `BAD_DEDUPE_KEY`, `TOO_MANY_EVENTS`
   * @example
   * const receive = task("receive", (_: void, ctx) => ctx.emit("orders.received", { id: "o-17" }, { key: "o-17" }));
   */
  emit(event: string, payload?: object, options?: EmitOptions): void;
  /**
   * Says more about an asset that this task makes: how many rows, which part of it. What `produces` names and this does not is recorded all the same.
   * It takes effect as `emit` does.
   *
   * @throws TuttiError `BAD_ASSET`, `BAD_EVENT`, `EVENT_TOO_LARGE`, `TOO_MANY_EVENTS`
   */
  materialized(asset: Asset, metadata?: object, options?: MaterializedOptions): void;
  /**
   * The value of a secret that the task declares in `secrets`. It is masked in every log and error. Don't return it: outputs are kept and shown.
   *
   * @throws TuttiError `SECRET_NOT_DECLARED`, `SECRET_NOT_FOUND`, `SECRET_NOT_GRANTED`, `SECRET_NOT_DELIVERED`, `SECRET_PROVIDER_FAILED`, `SECRET_DAMAGED`,
   * `ENCRYPTION_KEY_MISSING`, `ENCRYPTION_KEY_WRONG`
   * @example
   * const call = task("call", { secrets: ["api-key"] }, async (_: void, ctx) => {
   *   const response = await fetch("https://api.example.com", { headers: { authorization: await ctx.secret("api-key") } });
   *   return response.status;
   * });
   */
  secret(name: string): Promise<string>;
  /** Ends the task as `skipped`. It throws, so nothing after it runs. */
  skip(reason: string): never;
}

export interface WaitForEventOptions {
  /** The fields that its payload must have, or a function that says whether it is meant. Fields cost less: the task comes back only for what has them. Default: every event of this name. */
  readonly match?: Readonly<Record<string, unknown>> | ((event: EventInfo) => boolean);
  /** How long to wait, from the first call on. Default: as long as it takes. */
  readonly timeout?: Duration;
}

export interface EmitOptions {
  /** What tells it from a repetition: of events with one key, one starts a run. Default: each is new. */
  readonly key?: string;
}

export interface MaterializedOptions {
  /** The part of the asset that was made, e.g. a date. Default: the partition that the run makes, of an asset that has some; else all of it. */
  readonly partition?: string;
}

export interface StepOptions {
  /** Tells apart steps of one name that are open at once, e.g. the id of what they are about. Default: none. */
  readonly key?: string;
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
