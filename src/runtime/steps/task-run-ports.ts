import { createHash } from "node:crypto";
import { definitionOf } from "../../authoring/definition.ts";
import type { EndedTask, EndsAnswer, EndsQuestion } from "../../core/ended-task.ts";
import { TuttiError } from "../../core/errors.ts";
import { encodeFrame } from "../../core/frame.ts";
import { givenText } from "../../core/given-input.ts";
import { encodedBytes, tooLarge } from "../../core/value-codec.ts";
import type { StoredValue } from "../../core/value.ts";
import { artifactBackend } from "../artifact-backend.ts";
import { artifactUri } from "../../core/artifact-uri.ts";
import type { Attempt } from "../attempt.ts";
import { decodeStored, readStoredFrame } from "../stored-value.ts";
import type { TaskRunPorts } from "./task-runs.ts";

/** How the body of a flow, in this process, runs tasks. */
export class AttemptTaskRunPorts implements TaskRunPorts {
  readonly #attempt: Attempt;

  constructor(attempt: Attempt) {
    this.#attempt = attempt;
  }

  find(task: unknown): { readonly task: number; readonly name: string } {
    return findTask(this.#attempt, task);
  }

  placeOf(name: string): number {
    return this.#attempt.version?.built.manifest.tasks.findIndex((task) => task.name === name) ?? -1;
  }

  give(input: unknown, text: string, name: string): Promise<string> {
    return give(this.#attempt, input, text, name);
  }

  async ends(ranges: EndsQuestion): Promise<EndsAnswer> {
    const said = await this.#attempt.ports.drawer(this.#attempt, "ends", JSON.stringify(ranges));
    return JSON.parse(said ?? "null") as EndsAnswer;
  }

  value({ output }: EndedTask): unknown {
    return storedOutput(output, this.#attempt.ports.artifactsDir);
  }

  get during(): string {
    const { run, task } = this.#attempt;
    return `${run.generation}.${task.attempt}`;
  }
}

function findTask(attempt: Attempt, task: unknown): { readonly task: number; readonly name: string } {
  const { built } = attempt.version ?? {};
  const definition = definitionOf(task);
  const shown = definition === undefined ? "what was given" : `task "${definition.alias ?? definition.name}"`;
  if (built?.runnable === undefined || attempt.task.task !== 0)
    throw new TuttiError(
      "RUN_OUTSIDE_FLOW",
      `ctx.run was called for ${shown} outside the body of a flow. Call it in the function given to flow(…); a graph places its tasks in its body, and a task calls functions.`,
    );
  const place = definition && built.runnable.get(definition);
  if (place === undefined)
    throw new TuttiError(
      "TASK_NOT_DECLARED",
      definition === undefined
        ? `ctx.run takes a task and its input: ctx.run(fetchPage, { page: 1 }).`
        : `${shown[0]!.toUpperCase()}${shown.slice(1)} was made while its flow was running, so nobody knew of it before. Make it at the module level: const quick = fetchPage.with({ timeout: "1m" }).`,
    );
  return { task: place, name: built.manifest.tasks[place]!.name };
}

/** Small beside the body's record, large in the artifact store, once for all that get the same. */
async function give(attempt: Attempt, input: unknown, text: string, name: string): Promise<string> {
  const { inlineBytes, maxValueBytes, artifactsDir } = attempt.ports;
  const bytes = text.length * 3 <= inlineBytes ? text.length : encodedBytes(text);
  const at = `the input of task "${name}"`;
  if (bytes > maxValueBytes) throw tooLarge(at, maxValueBytes);
  if (bytes <= inlineBytes) return givenText({ kind: "inline", text });
  // Under no claim: it outlives the attempts of the body.
  const { runId, taskRunId } = attempt.task;
  const place = { runId, taskRunId, claim: 0, name: `.input-${createHash("sha256").update(text).digest("hex")}` };
  const frame = encodeFrame(input, [], { at, maxBytes: maxValueBytes });
  const size = await artifactBackend(artifactsDir).write(place, once(frame));
  return givenText({ kind: "frame", uri: artifactUri(place), bytes: size });
}

async function* once(bytes: Uint8Array): AsyncIterable<Uint8Array> {
  yield bytes;
}

/** What a task run returned, as the body of its flow gets it. */
export function storedOutput(output: StoredValue | null, artifactsDir: string): unknown {
  if (output === null) return undefined;
  return output.kind === "inline"
    ? decodeStored(output.text, artifactsDir)
    : readStoredFrame(output.uri, [], artifactsDir);
}
