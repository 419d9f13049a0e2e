import type { TaskBody } from "../authoring/built.ts";
import { TuttiError } from "../core/errors.ts";
import { givenValue } from "../core/given-input.ts";
import type { TaskManifest } from "../core/manifest.ts";
import { checked } from "./asset-checks.ts";
import type { Attempt, StrayErrors } from "./attempt.ts";
import { removeArtifacts } from "./artifact-writer.ts";
import { cacheKeys } from "./cache-keys.ts";
import { cachedOutcome } from "./cached-outcome.ts";
import type { LoadedVersion } from "./code.ts";
import { AttemptContext } from "./context.ts";
import { currentAttempt } from "./current-attempt.ts";
import { failure } from "./failure.ts";
import { type InputSources, resolveInput } from "./input.ts";
import { inTaskSpan } from "./otel-context.ts";
import type { Outcome, Part } from "./protocol.ts";
import { toOutcome } from "./result.ts";
import { withEvents } from "./emitted.ts";
import { lookedAgain } from "./sensor.ts";
import { decodeStored, readStoredFrame } from "./stored-value.ts";

/** Hears how an attempt ended, once. One function for all attempts of a process, of which a hundred thousand may wait. */
export type Ended = (outcome: Outcome, attempt: Attempt) => void;

/**
 * Runs one attempt whose code is loaded: input, body, result. The body's first lines run before this returns.
 * Never throws; `ended` is called exactly once, unless the task never settles.
 */
export function execute(attempt: Attempt, version: LoadedVersion, ended: Ended): void {
  attempt.version = version;
  const execution = new Execution(attempt, version, ended);
  attempt.onStrayError(execution);
  inTaskSpan(attempt, () => currentAttempt.run(attempt, () => void execution.run()));
}

/** Ends once: by its body, or by an error that reached nobody. */
class Execution implements StrayErrors {
  readonly #attempt: Attempt;
  readonly #version: LoadedVersion;
  readonly #ended: Ended;
  #isOver = false;

  constructor(attempt: Attempt, version: LoadedVersion, ended: Ended) {
    this.#attempt = attempt;
    this.#version = version;
    this.#ended = ended;
  }

  fail(thrown: unknown): void {
    this.#end(this.#failure(thrown));
  }

  async run(): Promise<void> {
    const attempt = this.#attempt;
    let outcome: Outcome;
    try {
      if (attempt.abortedFor !== null) attempt.signal.throwIfAborted();
      const { task, body } = this.#task();
      // Under the first claim nothing can have been recorded.
      if (attempt.task.claim > 1 && !task.sensor) await attempt.steps.load();
      const given = task.dynamic ? await givenInput(attempt) : null;
      let input = resolveInput(task, sourcesOf(attempt, this.#version, given));
      // Not awaited needlessly: a turn of the microtask queue is a noticeable part of a trivial task.
      if (input instanceof Promise) input = await input;
      const keys = task.cacheForMs === undefined ? null : cacheKeys(attempt, input);
      // What has waited goes on where it was.
      const kept = keys && attempt.task.wait === null ? await cachedOutcome(attempt, keys, task.cacheForMs!) : null;
      if (kept) outcome = kept;
      else {
        const ctx = new AttemptContext(attempt);
        const made = (body.fn as (input: unknown, ctx: unknown) => unknown)(input, ctx);
        const value = isThenable(made) ? await made : made;
        const notYet = task.sensor ? lookedAgain(attempt, task.sensor, value) : null;
        // Before anything else asks: this is what the value was made from.
        const cacheKey = keys?.of(attempt.asked);
        const said = notYet ?? toOutcome(attempt, this.#version, value);
        const ended = withEvents(attempt, task, said instanceof Promise ? await said : said);
        const end = task.checks === undefined ? ended : await checked(attempt, { task, body, value, ctx }, ended);
        outcome = cacheKey !== undefined && end.state === "succeeded" ? { ...end, cacheKey } : end;
      }
    } catch (thrown) {
      if (attempt.hasSteps) await attempt.steps.failed(thrown);
      outcome = this.#failure(thrown);
    }
    this.#end(outcome);
  }

  #task(): { readonly task: TaskManifest; readonly body: TaskBody } {
    const { built, info } = this.#version;
    const place = this.#attempt.task.task;
    const [task, body] = [built.manifest.tasks[place], built.bodies[place]];
    if (task && body) return { task, body };
    throw new TuttiError("VERSION_DIFFERS", `Workflow "${info.workflow}" has no task at place ${place}.`);
  }

  #failure(thrown: unknown): Outcome {
    return failure(thrown, this.#version.built.bodies[this.#attempt.task.task]?.retryOn ?? []);
  }

  #end(outcome: Outcome): void {
    if (this.#isOver) return;
    this.#isOver = true;
    finish(this.#attempt, outcome, this.#ended);
  }
}

const isThenable = (value: unknown): value is PromiseLike<unknown> =>
  typeof value === "object" && value !== null && typeof (value as { then?: unknown }).then === "function";

/** What the body of its flow gave it. */
async function givenInput(attempt: Attempt): Promise<Part | null> {
  const text = await attempt.ports.drawer(attempt, "input", "");
  const given = text === null ? null : givenValue(text);
  return given?.kind === "frame" ? { ...given, path: [] } : given && { kind: "text", text: given.text };
}

function sourcesOf(attempt: Attempt, version: LoadedVersion, given: Part | null): InputSources {
  const { artifactsDir } = attempt.ports;
  const decode = (text: string): unknown => decodeStored(text, artifactsDir);
  return {
    values: given === null ? attempt.task.values : { ...attempt.task.values, given },
    picks: version.built.picks,
    decode,
    params: () => (attempt.run.params === null ? undefined : decode(attempt.run.params)),
    shared: (key) => attempt.ports.shared(attempt.run.runId, key),
    readFrame: (uri, path) => readStoredFrame(uri, path, artifactsDir),
  };
}

function finish(attempt: Attempt, outcome: Outcome, ended: Ended): void {
  attempt.onStrayError(null);
  // It came to its end without being woken: the word about that needs a claim that runs.
  const awake = attempt.hasSteps ? attempt.steps.awake() : null;
  if (awake) void awake.then(() => finish(attempt, outcome, ended));
  else tell(attempt, outcome, ended);
}

function tell(attempt: Attempt, outcome: Outcome, ended: Ended): void {
  closeSteps(attempt, outcome.state === "succeeded" && outcome.cached !== undefined);
  attempt.log.end();
  // Removed before it is told: the next attempt, or the pruner, finds nothing half-way.
  if (outcome.state !== "succeeded" && attempt.wroteArtifacts)
    void removeArtifacts(attempt).finally(() => ended(outcome, attempt));
  else ended(outcome, attempt);
}

/** `hasNotRun`: it took a value, so its code asked for nothing. */
function closeSteps(attempt: Attempt, hasNotRun: boolean): void {
  const leftOver = attempt.endSteps();
  if (leftOver.length > 0 && attempt.abortedFor === null && !hasNotRun)
    attempt.log.log("warn", `Recorded before, and not asked for by this code: ${leftOver.join(", ")}.`);
}
