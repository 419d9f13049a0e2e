import type { TaskBody } from "../authoring/built.ts";
import { TuttiError } from "../core/errors.ts";
import type { Attempt } from "./attempt.ts";
import { removeArtifacts } from "./artifact-writer.ts";
import type { LoadedVersion } from "./code.ts";
import { AttemptContext } from "./context.ts";
import { currentAttempt } from "./current-attempt.ts";
import { failure } from "./failure.ts";
import { type InputSources, resolveInput } from "./input.ts";
import type { Outcome } from "./protocol.ts";
import { toOutcome } from "./result.ts";
import { decodeStored, readStoredFrame } from "./stored-value.ts";

/** How an attempt ended, told once: by its body, or by an error that reached nobody. */
type Ended = (outcome: Outcome) => void;

/**
 * Runs one attempt whose code is loaded: input, body, result. The body's first lines run before this returns.
 * Never throws; `ended` is called exactly once, unless the task never settles.
 */
export function execute(attempt: Attempt, version: LoadedVersion, ended: Ended): void {
  attempt.version = version;
  const body = version.built.bodies[attempt.task.task];
  const end = once((outcome) => finish(attempt, outcome, ended));
  attempt.onStrayError((thrown) => end(failure(thrown, body?.retryOn ?? [])));
  currentAttempt.run(attempt, () => {
    void outcomeOf(attempt, version, body).then(end);
  });
}

async function outcomeOf(attempt: Attempt, version: LoadedVersion, body: TaskBody | undefined): Promise<Outcome> {
  try {
    const task = version.built.manifest.tasks[attempt.task.task];
    if (!body || !task)
      throw new TuttiError(
        "VERSION_DIFFERS",
        `Workflow "${version.info.workflow}" has no task at place ${attempt.task.task}.`,
      );
    if (attempt.abortedFor !== null) attempt.signal.throwIfAborted();
    let input = resolveInput(task, sourcesOf(attempt, version));
    // Not awaited needlessly: a turn of the microtask queue is a noticeable part of a trivial task.
    if (input instanceof Promise) input = await input;
    const value = (body.fn as (input: unknown, ctx: unknown) => unknown)(input, new AttemptContext(attempt));
    const outcome = toOutcome(attempt, version, isThenable(value) ? await value : value);
    return outcome instanceof Promise ? await outcome : outcome;
  } catch (thrown) {
    return failure(thrown, body?.retryOn ?? []);
  }
}

const isThenable = (value: unknown): value is PromiseLike<unknown> =>
  typeof value === "object" && value !== null && typeof (value as { then?: unknown }).then === "function";

function sourcesOf(attempt: Attempt, version: LoadedVersion): InputSources {
  const { artifactsDir } = attempt.ports;
  const decode = (text: string): unknown => decodeStored(text, artifactsDir);
  return {
    values: attempt.task.values,
    picks: version.built.picks,
    decode,
    params: () => (attempt.run.params === null ? undefined : decode(attempt.run.params)),
    shared: (key) => attempt.ports.shared(attempt.run.runId, key),
    readFrame: (uri, path) => readStoredFrame(uri, path, artifactsDir),
  };
}

function finish(attempt: Attempt, outcome: Outcome, ended: Ended): void {
  attempt.onStrayError(null);
  attempt.log.end();
  // Removed before it is told: the next attempt, or the pruner, finds nothing half-way.
  if (outcome.state !== "succeeded" && attempt.artifacts.size > 0)
    void removeArtifacts(attempt).finally(() => ended(outcome));
  else ended(outcome);
}

function once(call: Ended): Ended {
  let called = false;
  return (outcome) => {
    if (called) return;
    called = true;
    call(outcome);
  };
}
