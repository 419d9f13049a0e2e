import { TuttiError } from "../../core/errors.ts";

/** What an object is written from: a text, bytes, a stream or anything iterable of them, or rows, which become JSON lines. */
export type ObjectContent =
  | string
  | Uint8Array
  | ReadableStream<Uint8Array>
  | Iterable<Uint8Array | string | object>
  | AsyncIterable<Uint8Array | string | object>;

/** Rows are gathered to chunks of about this size. */
const CHUNK_LENGTH = 64 * 1024;

export async function* chunksOf(content: ObjectContent): AsyncIterable<Uint8Array> {
  if (typeof content === "string") return yield Buffer.from(content);
  if (ArrayBuffer.isView(content)) return yield new Uint8Array(content.buffer, content.byteOffset, content.byteLength);
  if (
    typeof content !== "object" ||
    content === null ||
    !(Symbol.iterator in content || Symbol.asyncIterator in content)
  )
    throw refused(content);
  let lines = "";
  for await (const piece of content as AsyncIterable<unknown>) {
    if (!ArrayBuffer.isView(piece)) lines += textOf(piece);
    else {
      if (lines !== "") yield Buffer.from(lines);
      lines = "";
      yield new Uint8Array(piece.buffer, piece.byteOffset, piece.byteLength);
    }
    if (lines.length < CHUNK_LENGTH) continue;
    yield Buffer.from(lines);
    lines = "";
  }
  if (lines !== "") yield Buffer.from(lines);
}

function textOf(piece: unknown): string {
  if (typeof piece === "string") return piece;
  if (typeof piece === "object" && piece !== null) return `${JSON.stringify(piece)}\n`;
  throw refused(piece);
}

const refused = (content: unknown): TuttiError =>
  new TuttiError(
    "BAD_OBJECT",
    `An object is written from a text, bytes, a stream of bytes, or rows; this is ${content === null ? "null" : `a ${typeof content}`}.`,
  );
