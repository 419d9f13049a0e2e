import { isArtifactRef } from "./artifact-ref.ts";
import { FRAME_MAGIC, KEY_BYTES, NODE, OFFSET_BYTES } from "./frame-layout.ts";
import type { Path } from "./manifest.ts";
import { type EncodeOptions, encodeValue, tooLarge } from "./value-codec.ts";
import { introspection } from "./value-kind.ts";

export interface EncodeFrameOptions extends Pick<EncodeOptions, "at"> {
  /** Bytes of the frame. Default: no limit. */
  readonly maxBytes?: number;
}

/**
 * A large value in parts that can be read alone: each top-level field, and each element of a list that is the value,
 * is one of its fields, or stands at one of `mappedPaths`. Identity between two parts is not kept.
 *
 * @throws TuttiError as `encodeValue`; `VALUE_TOO_LARGE` past `maxBytes`.
 */
export function encodeFrame(
  value: unknown,
  mappedPaths: readonly Path[],
  { at = "the value", maxBytes = Infinity }: EncodeFrameOptions = {},
): Uint8Array {
  const writer = new FrameWriter(at, maxBytes);
  writer.write(value, cutsOf(mappedPaths), []);
  return writer.bytes();
}

/** Which parts below a place are cut apart: a tree of the mapped paths' keys. */
interface Cuts {
  readonly below: Map<string, Cuts>;
  /** The path ends here: the list's elements are cut apart. */
  list: boolean;
}

function cutsOf(paths: readonly Path[]): Cuts {
  const root: Cuts = { below: new Map(), list: false };
  for (const path of paths) {
    let here = root;
    for (const key of path) {
      const next = here.below.get(String(key)) ?? { below: new Map(), list: false };
      here.below.set(String(key), next);
      here = next;
    }
    here.list = true;
  }
  return root;
}

class FrameWriter {
  readonly #at: string;
  readonly #maxBytes: number;
  #buffer = Buffer.allocUnsafe(64 * 1024);
  #end = 0;

  constructor(at: string, maxBytes: number) {
    this.#at = at;
    this.#maxBytes = maxBytes;
    this.#reserve(KEY_BYTES);
    this.#buffer.writeUInt32LE(FRAME_MAGIC, 0);
  }

  bytes(): Uint8Array {
    return this.#buffer.subarray(0, this.#end);
  }

  write(value: unknown, cuts: Cuts | undefined, path: Path): void {
    if (isList(value) && (path.length <= 1 || cuts?.list || cuts?.below.size)) this.#writeList(value, cuts, path);
    else if (isRecord(value) && (path.length === 0 || cuts?.below.size)) this.#writeRecord(value, cuts, path);
    else this.#writeWhole(value, path);
  }

  #writeList(list: readonly unknown[], cuts: Cuts | undefined, path: Path): void {
    const head = this.#reserve(1 + KEY_BYTES);
    this.#buffer[head] = NODE.list;
    this.#buffer.writeUInt32LE(list.length, head + 1);
    // A hole in the list is a part without bytes.
    this.#writeParts(
      list.length,
      (place) => place in list && this.write(list[place], cuts?.below.get(String(place)), [...path, place]),
    );
  }

  #writeRecord(record: Readonly<Record<string, unknown>>, cuts: Cuts | undefined, path: Path): void {
    const keys = Object.keys(record);
    const index = JSON.stringify(keys);
    const head = this.#reserve(1 + 2 * KEY_BYTES);
    this.#buffer[head] = Object.getPrototypeOf(record) === null ? NODE.bareRecord : NODE.record;
    this.#buffer.writeUInt32LE(keys.length, head + 1);
    this.#buffer.writeUInt32LE(this.#text(index), head + 1 + KEY_BYTES);
    this.#writeParts(keys.length, (place) =>
      this.write(record[keys[place]!], cuts?.below.get(keys[place]!), [...path, keys[place]!]),
    );
  }

  #writeWhole(value: unknown, path: Path): void {
    const head = this.#reserve(1);
    this.#buffer[head] = NODE.whole;
    this.#text(encodeValue(value, { at: this.#at, within: path }));
  }

  /** A table of fixed width, of where each part ends, and the parts: one element is found without reading the whole table. */
  #writeParts(count: number, writePart: (place: number) => unknown): void {
    const table = this.#reserve(count * OFFSET_BYTES);
    const start = this.#end;
    for (let place = 0; place < count; place++) {
      writePart(place);
      this.#buffer.writeUIntLE(this.#end - start, table + place * OFFSET_BYTES, OFFSET_BYTES);
    }
  }

  #text(text: string): number {
    // Three bytes is the most that one UTF-16 unit takes; counting them first would cost a second pass.
    const start = this.#reserve(text.length * 3);
    const bytes = this.#buffer.write(text, start, "utf8");
    this.#end = start + bytes;
    this.#check();
    return bytes;
  }

  #reserve(bytes: number): number {
    const start = this.#end;
    this.#end += bytes;
    if (this.#end > this.#buffer.length) {
      const larger = Buffer.allocUnsafe(Math.max(this.#end, this.#buffer.length * 2));
      this.#buffer.copy(larger, 0, 0, start);
      this.#buffer = larger;
    }
    return start;
  }

  // At every part, not at the end: a thousand parts that share one large object would fill the memory first.
  #check(): void {
    if (this.#end > this.#maxBytes) throw tooLarge(this.#at, this.#maxBytes);
  }
}

const isList = (value: unknown): value is readonly unknown[] =>
  Array.isArray(value) && introspection.tagOf(value) === "Array";

/** What the codec would refuse as a whole stays whole, so that it says why. */
const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" &&
  value !== null &&
  !isArtifactRef(value) &&
  introspection.tagOf(value) === "Object" &&
  Object.getOwnPropertySymbols(value).length === 0 &&
  !Object.hasOwn(value, "__proto__");
