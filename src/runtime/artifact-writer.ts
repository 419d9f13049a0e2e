import type { ArtifactDraft, ArtifactRef } from "../authoring/artifact.ts";
import { artifactUri, checkArtifactName } from "../core/artifact-uri.ts";
import { TuttiError } from "../core/errors.ts";
import { artifactBackend } from "./artifact-backend.ts";
import type { Attempt } from "./attempt.ts";
import { ArtifactHandle } from "./artifact-handle.ts";

type Content = Parameters<ArtifactDraft["write"]>[0] | string;

/** `ctx.artifact(name)`: written under the attempt, whole and safe before its reference exists. */
export class Draft implements ArtifactDraft {
  readonly #attempt: Attempt;
  readonly #name: string;

  /** @throws TuttiError `BAD_NAME` */
  constructor(attempt: Attempt, name: string) {
    this.#attempt = attempt;
    this.#name = checkArtifactName(name);
  }

  async write(data: Content): Promise<ArtifactRef> {
    return writeArtifact(this.#attempt, this.#name, data);
  }
}

export async function writeArtifact(attempt: Attempt, name: string, data: Content): Promise<ArtifactRef> {
  const { runId, taskRunId } = attempt.task;
  const { artifactsDir } = attempt.ports;
  const place = { runId, taskRunId, claim: attempt.firstClaim, name };
  if (attempt.artifacts.has(name))
    throw new TuttiError(
      "ARTIFACT_EXISTS",
      `Artifact "${name}" has already been written by this attempt. Give the second one another name.`,
    );
  attempt.artifacts.add(name);
  try {
    const size = await artifactBackend(artifactsDir).write(place, untilAborted(attempt, chunksOf(data)));
    return new ArtifactHandle(artifactUri(place), size, artifactsDir);
  } catch (error) {
    attempt.artifacts.delete(name);
    throw named(error, name);
  }
}

/** Artifacts of an attempt that did not succeed: nothing will ever refer to them. */
export async function removeArtifacts(attempt: Attempt): Promise<void> {
  if (attempt.wroteArtifacts) {
    const { runId, taskRunId } = attempt.task;
    await artifactBackend(attempt.ports.artifactsDir).removeAttempt({ runId, taskRunId, claim: attempt.firstClaim });
  }
}

/** Asks for the signal only when there is one: most attempts never make it. */
async function* untilAborted(attempt: Attempt, chunks: AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array> {
  for await (const chunk of chunks) {
    if (attempt.abortedFor !== null) attempt.signal.throwIfAborted();
    yield chunk;
  }
}

/** Rows are gathered to chunks of about this size. */
const CHUNK_LENGTH = 64 * 1024;

async function* chunksOf(data: Content): AsyncIterable<Uint8Array> {
  if (typeof data === "string") return yield Buffer.from(data);
  if (ArrayBuffer.isView(data)) return yield new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  if (data instanceof ArrayBuffer) return yield new Uint8Array(data);
  if (!isIterable(data))
    throw new TuttiError(
      "BAD_ARTIFACT",
      "An artifact is written from bytes, a stream of bytes, or rows: a list, or anything iterable, of objects.",
    );
  let lines = "";
  for await (const piece of data as AsyncIterable<unknown>) {
    if (ArrayBuffer.isView(piece)) yield new Uint8Array(piece.buffer, piece.byteOffset, piece.byteLength);
    else lines += rowOf(piece);
    if (lines.length < CHUNK_LENGTH) continue;
    yield Buffer.from(lines);
    lines = "";
  }
  if (lines !== "") yield Buffer.from(lines);
}

const isIterable = (data: unknown): boolean =>
  typeof data === "object" && data !== null && (Symbol.iterator in data || Symbol.asyncIterator in data);

function rowOf(row: unknown): string {
  if (typeof row !== "object" || row === null)
    throw new TuttiError(
      "BAD_ARTIFACT",
      `Rows of an artifact are objects; one is ${row === null ? "null" : `a ${typeof row}`}.`,
    );
  return `${JSON.stringify(row)}\n`;
}

function named(error: unknown, name: string): unknown {
  const code = (error as NodeJS.ErrnoException | null)?.code;
  if (code === "ENOSPC" || code === "EDQUOT")
    return new TuttiError(
      "DISK_FULL",
      `Artifact "${name}" can't be written: the disk is full. Make room, e.g. with "tutti prune", and retry the run.`,
      { cause: error },
    );
  return error;
}
