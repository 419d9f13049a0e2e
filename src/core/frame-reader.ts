import { TuttiError } from "./errors.ts";
import { FRAME_MAGIC, KEY_BYTES, NODE, OFFSET_BYTES } from "./frame-layout.ts";
import type { Path } from "./manifest.ts";
import { type DecodeOptions, decodeValue, readPath } from "./value-codec.ts";

/** Bytes `offset … offset + length` of a frame, wherever it rests. */
export type ReadBytes = (offset: number, length: number) => Promise<Uint8Array>;

/**
 * What is at `path` in a frame, the same as `readPath` of the whole value, but only its own bytes are read, and a few KiB
 * of index on the way.
 *
 * @throws TuttiError `VALUE_UNREADABLE` when the bytes are no frame.
 */
export async function readFrame(
  read: ReadBytes,
  totalBytes: number,
  path: Path,
  options: DecodeOptions = {},
): Promise<unknown> {
  const { node, rest } = await descend(read, totalBytes, path);
  if (node === null) return undefined;
  if (rest.length === 1 && rest[0] === "length" && node.kind === NODE.list) return node.count;
  const bytes = await readExactly(read, node.offset, node.length);
  if (rest.length > 0 && node.kind !== NODE.whole) return undefined;
  return readPath(decodeNode(bytes, options), rest);
}

/** How many elements the list at `path` has; `null` where there is no list. */
export async function frameListLength(read: ReadBytes, totalBytes: number, path: Path): Promise<number | null> {
  const { node, rest } = await descend(read, totalBytes, path);
  if (node !== null && rest.length === 0 && node.kind === NODE.list) return node.count;
  const value = await readFrame(read, totalBytes, path);
  return Array.isArray(value) ? value.length : null;
}

interface Node {
  readonly kind: number;
  readonly offset: number;
  readonly length: number;
  readonly count: number;
  /** Its first bytes. */
  readonly head: Buffer;
}

/** One read for a node's head and, mostly, what is needed of its index. */
const HEAD_BYTES = 4096;

/** The deepest node on the path, and what of the path is left below it. `null`: the path leaves the value. */
async function descend(read: ReadBytes, totalBytes: number, path: Path): Promise<{ node: Node | null; rest: Path }> {
  const magic = await readExactly(read, 0, Math.min(KEY_BYTES, totalBytes));
  if (magic.length < KEY_BYTES || magic.readUInt32LE(0) !== FRAME_MAGIC) throw unreadable("it has no frame header");
  let node = await nodeAt(read, KEY_BYTES, totalBytes - KEY_BYTES);
  for (const [depth, key] of path.entries()) {
    if (node.kind === NODE.whole) return { node, rest: path.slice(depth) };
    if (node.kind === NODE.list && key === "length") return { node, rest: path.slice(depth) };
    const part = await partOf(read, node, key);
    if (part === null) return { node: null, rest: [] };
    node = await nodeAt(read, part.offset, part.length);
  }
  return { node, rest: [] };
}

async function nodeAt(read: ReadBytes, offset: number, length: number): Promise<Node> {
  const head = await readExactly(read, offset, Math.min(HEAD_BYTES, length));
  const kind = head[0];
  if (kind === NODE.whole) return { kind, offset, length, count: 0, head };
  if (kind !== NODE.list && kind !== NODE.record && kind !== NODE.bareRecord)
    throw unreadable("a part has no known kind");
  return { kind, offset, length, count: head.readUInt32LE(1), head };
}

/** Where the part under `key` lies; `null`: the node has none. */
async function partOf(
  read: ReadBytes,
  node: Node,
  key: string | number,
): Promise<{ offset: number; length: number } | null> {
  const isList = node.kind === NODE.list;
  const keysBytes = isList ? 0 : node.head.readUInt32LE(1 + KEY_BYTES);
  const keysAt = 1 + 2 * KEY_BYTES;
  const table = isList ? 1 + KEY_BYTES : keysAt + keysBytes;
  const place = isList
    ? listPlace(key, node.count)
    : keysOf(await within(read, node, keysAt, keysBytes)).indexOf(String(key));
  if (place === -1) return null;

  const from = Math.max(0, place - 1);
  const ends = await within(read, node, table + from * OFFSET_BYTES, (place - from + 1) * OFFSET_BYTES);
  const start = place === 0 ? 0 : ends.readUIntLE(0, OFFSET_BYTES);
  const length = ends.readUIntLE((place - from) * OFFSET_BYTES, OFFSET_BYTES) - start;
  return length === 0 ? null : { offset: node.offset + table + node.count * OFFSET_BYTES + start, length };
}

/** Bytes of a node: from its head, if they are there. */
const within = async (read: ReadBytes, node: Node, from: number, length: number): Promise<Buffer> =>
  from + length <= node.head.length
    ? node.head.subarray(from, from + length)
    : await readExactly(read, node.offset + from, length);

function listPlace(key: string | number, count: number): number {
  const place = Number(key);
  return Number.isInteger(place) && place >= 0 && place < count && String(place) === String(key) ? place : -1;
}

function decodeNode(bytes: Buffer, options: DecodeOptions): unknown {
  const kind = bytes[0];
  if (kind === NODE.whole) return decodeValue(bytes.toString("utf8", 1), options);
  const count = bytes.readUInt32LE(1);
  if (kind === NODE.list) {
    const list = new Array<unknown>(count);
    eachPart(bytes, 1 + KEY_BYTES, count, (place, part) => (list[place] = decodeNode(part, options)));
    return list;
  }
  const keysAt = 1 + 2 * KEY_BYTES;
  const keysBytes = bytes.readUInt32LE(1 + KEY_BYTES);
  const keys = keysOf(bytes.subarray(keysAt, keysAt + keysBytes));
  const record: Record<string, unknown> = kind === NODE.bareRecord ? Object.create(null) : {};
  eachPart(bytes, keysAt + keysBytes, count, (place, part) => (record[keys[place]!] = decodeNode(part, options)));
  return record;
}

function eachPart(bytes: Buffer, table: number, count: number, take: (place: number, part: Buffer) => void): void {
  const start = table + count * OFFSET_BYTES;
  let from = 0;
  for (let place = 0; place < count; place++) {
    const end = bytes.readUIntLE(table + place * OFFSET_BYTES, OFFSET_BYTES);
    if (end > from) take(place, bytes.subarray(start + from, start + end));
    from = end;
  }
}

const keysOf = (bytes: Buffer): readonly string[] => JSON.parse(bytes.toString("utf8")) as string[];

async function readExactly(read: ReadBytes, offset: number, length: number): Promise<Buffer> {
  const bytes = await read(offset, length);
  if (bytes.length !== length) throw unreadable(`it ends ${length - bytes.length} bytes early`);
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

const unreadable = (why: string): TuttiError =>
  new TuttiError(
    "VALUE_UNREADABLE",
    `A stored value can't be read: ${why}. Was the file changed, or written by another version of this package?`,
  );
