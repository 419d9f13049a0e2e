import type { ArtifactDraft } from "../authoring/artifact.ts";
import type { Context } from "../authoring/context.ts";
import { SkipTask } from "../authoring/control.ts";
import { dateFromInstant } from "../core/clock.ts";
import { TuttiError } from "../core/errors.ts";
import { LocalArtifact } from "./artifact-writer.ts";
import type { Attempt } from "./attempt.ts";
import { decodeStored } from "./stored-value.ts";
import { DrawerClient } from "./drawer-client.ts";

/** `ctx`: everything is made when it is first asked for, since most tasks ask for little. */
export class AttemptContext implements Context {
  readonly #attempt: Attempt;
  #params: { readonly value: unknown } | null = null;
  #log: Context["log"] | null = null;

  constructor(attempt: Attempt) {
    this.#attempt = attempt;
  }

  get params(): unknown {
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
    const { runId, generation, trigger, backfill } = this.#attempt.run;
    return { id: runId, generation, trigger, backfill };
  }

  get interval(): Context["interval"] {
    const { start, end } = this.#attempt.run.interval;
    return { start: dateFromInstant(start), end: dateFromInstant(end) };
  }

  get date(): string {
    return this.#attempt.run.date;
  }

  get attempt(): number {
    return this.#attempt.task.attempt;
  }

  get mapIndex(): number | null {
    return this.#attempt.task.mapIndex;
  }

  get idempotencyKey(): string {
    return this.#attempt.task.idempotencyKey;
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

  get memory(): DrawerClient {
    return this.#drawer("memory");
  }

  // Bound, so that `const { skip, artifact } = ctx` works.
  readonly progress = (done: number, total: number, note?: string): void => {
    if (!Number.isFinite(done) || !Number.isFinite(total))
      throw new TuttiError("BAD_PROGRESS", `ctx.progress takes two finite numbers; got ${done} and ${total}.`);
    const { taskRunId, claim } = this.#attempt.task;
    this.#attempt.ports.progress({ kind: "progress", taskRunId, claim, done, total, note: note ?? null });
  };

  readonly artifact = (name: string): ArtifactDraft => new LocalArtifact(this.#attempt, name);

  readonly skip = (reason: string): never => {
    throw new SkipTask(reason);
  };

  #drawer(drawer: "state" | "memory"): DrawerClient {
    return new DrawerClient(`ctx.${drawer}`, (key, value) =>
      this.#attempt.ports.drawer(this.#attempt, drawer, key, value),
    );
  }
}

const decodeParams = ({ run, ports }: Attempt): unknown =>
  run.params === null ? undefined : decodeStored(run.params, ports.artifactsDir);
