import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import type { ArtifactRef } from "../authoring/artifact.ts";
import type { Context } from "../authoring/context.ts";
import { SkipTask } from "../authoring/control.ts";
import { definitionOf } from "../authoring/definition.ts";
import { artifactUri } from "../core/artifact-uri.ts";
import { encodeValue } from "../core/value-codec.ts";
import { attemptFolder } from "../runtime/artifact-folder.ts";
import { ArtifactHandle } from "../runtime/artifact-handle.ts";
import type { Attempt } from "../runtime/attempt.ts";
import { grantConnections } from "../runtime/connections.ts";
import { captureConsole } from "../runtime/console.ts";
import { AttemptContext } from "../runtime/context.ts";
import { currentAttempt } from "../runtime/current-attempt.ts";
import { decodeStored } from "../runtime/stored-value.ts";
import { fakeAttempt, type FakeAttemptOptions, type TestLog } from "./fake-attempt.ts";

export interface RunTaskOptions extends FakeAttemptOptions {
  /** Aborts `ctx.signal`. Default: nothing does. */
  readonly signal?: AbortSignal;
}

export interface TaskResult<R> {
  /** What the task returned, as the next one would get it. Of a task that skipped: nothing is there. */
  readonly output: R;
  /** The reason, when it ended with `ctx.skip`. */
  readonly skipped?: string;
  /** What it logged and printed, in order. */
  readonly logs: readonly TestLog[];
  /** What it wrote, by name. */
  readonly artifacts: Readonly<Record<string, ArtifactRef>>;
}

interface Runnable<In, R> {
  readonly fn: (input: In, ctx: Context) => R | Promise<R>;
}

type Given<In> = [In] extends [void]
  ? [input?: undefined, options?: RunTaskOptions]
  : [input: In, options?: RunTaskOptions];

/**
 * Runs one task as a worker would, once, without retries: with a context, its connections, its prints captured, its output encoded and
 * decoded as on the way to the next task.
 *
 * @throws Whatever the task throws; TuttiError `VALUE_NOT_SERIALIZABLE` for an output that could not cross to another task.
 * @example
 * const extract = task("extract", async ({ region }: { region: string }, ctx) => [{ region, day: ctx.date }]);
 * const { output } = await runTask(extract, { region: "emea" }, { date: "2025-08-12" });
 * expect(output).toEqual([{ region: "emea", day: "2025-08-12" }]);
 */
export async function runTask<In, R>(
  task: Runnable<In, R>,
  ...[input, options = {}]: Given<In>
): Promise<TaskResult<Awaited<R>>> {
  const { attempt, logs, artifactsDir } = fakeAttempt(task, options);
  const name = definitionOf(task)?.name ?? "task";
  followSignal(attempt, options.signal);
  grantConnections();
  const release = captureConsole();
  try {
    const value = await currentAttempt.run(attempt, async () => task.fn(input as In, new AttemptContext(attempt)));
    const output = decodeStored(encodeValue(value, { at: `the output of task "${name}"` }), artifactsDir) as Awaited<R>;
    return { output, logs, artifacts: await artifactsOf(attempt) };
  } catch (thrown) {
    if (!(thrown instanceof SkipTask)) throw thrown;
    return { output: undefined as Awaited<R>, skipped: thrown.reason, logs, artifacts: await artifactsOf(attempt) };
  } finally {
    attempt.log.end();
    release();
  }
}

function followSignal(attempt: Attempt, signal: AbortSignal | undefined): void {
  if (signal?.aborted) attempt.abort("cancelled");
  else signal?.addEventListener("abort", () => attempt.abort("cancelled"), { once: true });
}

async function artifactsOf(attempt: Attempt): Promise<Record<string, ArtifactRef>> {
  const { artifactsDir } = attempt.ports;
  const folder = attemptFolder(artifactsDir, attempt.task);
  const found: Record<string, ArtifactRef> = {};
  for (const name of await readdir(folder).catch(() => [])) {
    const { runId, taskRunId, claim } = attempt.task;
    found[name] = new ArtifactHandle(
      artifactUri({ runId, taskRunId, claim, name }),
      (await stat(join(folder, name))).size,
      artifactsDir,
    );
  }
  return found;
}
