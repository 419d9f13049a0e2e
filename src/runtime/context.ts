import type { Context, StepOptions } from "../authoring/context.ts";
import type { EventInfo } from "../authoring/event-info.ts";
import { SkipTask } from "../authoring/control.ts";
import { dateFromInstant } from "../core/clock.ts";
import { TuttiError } from "../core/errors.ts";
import { Draft } from "./artifact-writer.ts";
import { traceparentOf } from "../core/trace-context.ts";
import type { Attempt } from "./attempt.ts";
import { decodeStored } from "./stored-value.ts";
import { type DrawerPort, DrawerClient, unwritten } from "./drawer-client.ts";
import { emit, materialized, startedBy } from "./emitted.ts";
import { RUN_FACTS } from "./run-facts.ts";
import { secretFor } from "./secret.ts";
import type { Steps } from "./steps/steps.ts";

/** `ctx`: everything is made when it is first asked for, since most tasks ask for little. */
export class AttemptContext implements Context {
  readonly #attempt: Attempt;
  #params: { readonly value: unknown } | null = null;
  #log: Context["log"] | null = null;
  /** Of a backfill. */
  #memory: DrawerPort | null = null;
  #events: readonly EventInfo[] | null = null;

  constructor(attempt: Attempt) {
    this.#attempt = attempt;
  }

  get params(): unknown {
    this.#attempt.asked |= RUN_FACTS.params;
    this.#params ??= { value: decodeParams(this.#attempt) };
    return this.#params.value;
  }

  get workflow(): Context["workflow"] {
    const { workflow, hash } = this.#attempt.run.version;
    return { name: workflow, version: hash };
  }

  get task(): string {
    const { version, task } = this.#attempt;
    return version?.built.manifest.tasks[task.task]?.name ?? "";
  }

  get runInfo(): Context["runInfo"] {
    this.#attempt.asked |= RUN_FACTS.run;
    const { runId, generation, trigger, backfill } = this.#attempt.run;
    return { id: runId, generation, trigger, backfill };
  }

  get event(): EventInfo | null {
    return this.events[0] ?? null;
  }

  get events(): readonly EventInfo[] {
    this.#attempt.asked |= RUN_FACTS.events;
    return (this.#events ??= startedBy(this.#attempt.run.cause ?? null));
  }

  get interval(): Context["interval"] {
    this.#attempt.asked |= RUN_FACTS.window;
    const { start, end } = this.#attempt.run.interval;
    return { start: dateFromInstant(start), end: dateFromInstant(end) };
  }

  get date(): string {
    this.#attempt.asked |= RUN_FACTS.window;
    return this.#attempt.run.date;
  }

  get partition(): Context["partition"] {
    this.#attempt.asked |= RUN_FACTS.params;
    return this.#attempt.run.partition ?? null;
  }

  get attempt(): number {
    return this.#attempt.task.attempt;
  }

  get mapIndex(): number | null {
    this.#attempt.asked |= RUN_FACTS.place;
    return this.#attempt.task.mapIndex;
  }

  get idempotencyKey(): string {
    return this.#attempt.task.idempotencyKey;
  }

  get traceparent(): string | null {
    const { ports, task } = this.#attempt;
    return ports.tracing ? traceparentOf(task.runId, task.taskRunId, task.claim) : null;
  }

  get signal(): AbortSignal {
    return this.#attempt.signal;
  }

  get log(): Context["log"] {
    const { log } = this.#attempt;
    this.#log ??= {
      debug: (message, fields) => log.log("debug", message, fields),
      info: (message, fields) => log.log("info", message, fields),
      warn: (message, fields) => log.log("warn", message, fields),
      error: (message, fields) => log.log("error", message, fields),
    };
    return this.#log;
  }

  get state(): DrawerClient {
    return this.#drawer("state");
  }

  /** A backfill of last year must not move a mark that today's run has set. */
  get memory(): DrawerClient {
    if (this.#attempt.run.backfill === null) return this.#drawer("memory");
    this.#memory ??= unwritten((key, value) => this.#attempt.ports.drawer(this.#attempt, "memory", key, value));
    return new DrawerClient("ctx.memory", this.#memory);
  }

  // Bound, and made when they are asked for, so that `const { skip, artifact } = ctx` works.
  get progress(): Context["progress"] {
    return (done, total, note) => {
      if (!Number.isFinite(done) || !Number.isFinite(total))
        throw new TuttiError("BAD_PROGRESS", `ctx.progress takes two finite numbers; got ${done} and ${total}.`);
      const { taskRunId, claim } = this.#attempt.task;
      this.#attempt.ports.progress({ kind: "progress", taskRunId, claim, done, total, note: note ?? null });
    };
  }

  get artifact(): Context["artifact"] {
    return (name) => new Draft(this.#attempt, name);
  }

  get secret(): Context["secret"] {
    return (name) => secretFor(this.#attempt, name);
  }

  get skip(): Context["skip"] {
    return skip;
  }

  get emit(): Context["emit"] {
    return (event, payload, options) => emit(this.#attempt, event, payload, options);
  }

  get materialized(): Context["materialized"] {
    return (asset, metadata, options) => materialized(this.#attempt, asset, metadata, options);
  }

  get step(): Context["step"] {
    return <T>(name: string, work: () => T | Promise<T>, options?: StepOptions) =>
      this.#asked("ctx.step", (steps) => steps.step(name, work, options)) as Promise<T>;
  }

  get run(): Context["run"] {
    return (task, ...[input]) => this.#asked("ctx.run", (steps) => steps.run(task, input)) as never;
  }

  get sleep(): Context["sleep"] {
    return (time) => this.#asked("ctx.sleep", (steps) => steps.sleep(time));
  }

  get waitForEvent(): Context["waitForEvent"] {
    return (name, options) => this.#asked("ctx.waitForEvent", (steps) => steps.waitForEvent(name, options));
  }

  get approval(): Context["approval"] {
    return (options) => this.#asked("ctx.approval", (steps) => steps.approval(options));
  }

  get runWorkflow(): Context["runWorkflow"] {
    return (workflow, ...[params]) => this.#asked("ctx.runWorkflow", (steps) => steps.runWorkflow(workflow, params));
  }

  get waitForWindow(): Context["waitForWindow"] {
    return (workflow, options) => this.#asked("ctx.waitForWindow", (steps) => steps.waitForWindow(workflow, options));
  }

  get now(): Context["now"] {
    return () => this.#steps("ctx.now").now();
  }

  get random(): Context["random"] {
    return () => this.#steps("ctx.random").random();
  }

  /** No promise of its own: a hundred thousand may wait on it. */
  #asked<T>(what: string, ask: (steps: Steps) => Promise<T>): Promise<T> {
    try {
      return ask(this.#steps(what));
    } catch (refused) {
      return Promise.reject(refused);
    }
  }

  /** A sensor's check begins from nothing each time: it has nothing to go on from. */
  #steps(what: string): Steps {
    const { version, task, steps } = this.#attempt;
    if (version?.built.manifest.tasks[task.task]?.sensor)
      throw new TuttiError(
        "STEP_OUTSIDE_TASK",
        `${what} was called in a sensor's check, which is asked anew each time. Do it in a task behind the sensor.`,
      );
    return steps;
  }

  #drawer(drawer: "state" | "memory"): DrawerClient {
    return new DrawerClient(`ctx.${drawer}`, (key, value) =>
      this.#attempt.ports.drawer(this.#attempt, drawer, key, value),
    );
  }
}

const skip = (reason: string): never => {
  throw new SkipTask(reason);
};

const decodeParams = ({ run, ports }: Attempt): unknown =>
  run.params === null ? undefined : decodeStored(run.params, ports.artifactsDir);
