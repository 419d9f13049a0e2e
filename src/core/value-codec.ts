import { DevalueError, parse, stringify } from "devalue";
import { type ArtifactRefData, artifactRefData, isArtifactRef } from "./artifact-ref.ts";
import { TuttiError } from "./errors.ts";
import type { Path } from "./manifest.ts";
import { describeRefused, introspection } from "./value-kind.ts";

export interface EncodeOptions {
  /** What the value is, for the message. Default: `the value`. E.g. `the output of task "extract"`. */
  readonly at?: string;
  /** Where it stands in that, when it is only a part of it. Default: `[]`. */
  readonly within?: Path;
}

export interface DecodeOptions {
  /** Makes what a task sees of an artifact; default: the bare `ArtifactRefData`. */
  readonly artifact?: (data: ArtifactRefData) => unknown;
}

/**
 * A value as text: JSON, Date, Map, Set, bigint, undefined, NaN, -0, typed arrays, ArrayBuffer, URL, RegExp, artifact refs,
 * with cycles and identity. A Node Buffer comes back as a Uint8Array, a view over a larger buffer as one over its own bytes.
 *
 * @throws TuttiError `VALUE_NOT_SERIALIZABLE` for anything else, with the path inside the value; `VALUE_TOO_LARGE` past what a string can hold.
 * @example encodeValue({ sold: new Date(0) }) // '[{"sold":1},["Date","1970-01-01T00:00:00.000Z"]]'
 */
export function encodeValue(value: unknown, { at = "the value", within = [] }: EncodeOptions = {}): string {
  // What most tasks return.
  if (value === undefined) return UNDEFINED;
  try {
    return stringify(value, REDUCERS, { operations: introspection });
  } catch (error) {
    throw refusal(error, at, within);
  }
}

/** @throws TuttiError `VALUE_UNREADABLE` when the text is not one that `encodeValue` made. */
export function decodeValue(text: string, { artifact }: DecodeOptions = {}): unknown {
  try {
    return parse(
      text,
      artifact === undefined
        ? REVIVERS
        : { ArtifactRef: (data: StoredRef) => artifact(artifactRefData(data.uri, data.size)) },
    );
  } catch (error) {
    throw new TuttiError(
      "VALUE_UNREADABLE",
      `A stored value can't be read: ${(error as Error).message}. Was it written by another version of this package?`,
      { cause: error },
    );
  }
}

/** What is at `path`: own properties only; `undefined` where the path leaves the value. */
export function readPath(value: unknown, path: Path): unknown {
  let here = value;
  for (const key of path) {
    if (here === null || here === undefined || !Object.hasOwn(here, key)) return undefined;
    here = (here as Record<string | number, unknown>)[key];
  }
  return here;
}

/** `rows[3].name` */
export const formatPath = (path: Path): string =>
  path
    .map((key, place) => (IDENTIFIER.test(String(key)) ? (place === 0 ? "" : ".") + key : `[${JSON.stringify(key)}]`))
    .join("");

/** Bytes of an encoded value at rest. */
export const encodedBytes = (text: string): number => Buffer.byteLength(text);

const IDENTIFIER = /^[A-Za-z_$][\w$]*$/;

type StoredRef = Pick<ArtifactRefData, "uri" | "size">;
const UNDEFINED = stringify(undefined);
const REDUCERS = { ArtifactRef: (value: unknown) => isArtifactRef(value) && { uri: value.uri, size: value.size } };
const REVIVERS = { ArtifactRef: (data: StoredRef) => artifactRefData(data.uri, data.size) };

function refusal(error: unknown, at: string, within: Path): TuttiError {
  // Said better elsewhere, e.g. `REF_USED_AS_VALUE` by a ref itself.
  if (error instanceof TuttiError) return error;
  // The error itself is not kept as `cause`: it holds the whole value.
  if (error instanceof DevalueError) {
    const path = (formatPath(within) + error.path).replace(/^\./, "");
    return notSerializable(
      `${at} can't be stored: ${path === "" ? "it" : `"${path}" in it`} is ${describeRefused(error.value)}`,
    );
  }
  if (error instanceof RangeError && error.message.includes("string length")) return tooLarge(at);
  if (error instanceof RangeError)
    return notSerializable(
      `${at} can't be stored: it is nested too deep. Make it flatter, e.g. a list instead of a linked one`,
    );
  return notSerializable(`${at} can't be stored: reading it threw ${String(error)}`, error);
}

/** For callers that have a limit of their own. */
export function tooLarge(at: string, limitBytes?: number): TuttiError {
  const limit = limitBytes === undefined ? "" : ` (the limit is ${limitBytes} bytes)`;
  return new TuttiError(
    "VALUE_TOO_LARGE",
    capitalized(
      `${at} is too large for a value${limit}. Write it with ctx.artifact(name).write(…) and return the reference, or raise maxValueBytes.`,
    ),
  );
}

const notSerializable = (message: string, cause?: unknown): TuttiError =>
  new TuttiError(
    "VALUE_NOT_SERIALIZABLE",
    capitalized(
      `${message}. Values that cross tasks are plain data: JSON, Date, Map, Set, bigint, undefined, typed arrays, URL.`,
    ),
    cause === undefined ? undefined : { cause },
  );

const capitalized = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);
