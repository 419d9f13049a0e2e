import { createHash } from "node:crypto";
import { TuttiError } from "../../core/errors.ts";
import type { Path, Source } from "../../core/manifest.ts";
import type { TaskInstance } from "../../core/task-instance.ts";
import { decodeValue, readPath } from "../../core/value-codec.ts";
import type { Part } from "../../runtime/protocol.ts";
import { inputValues, type Outputs } from "../inputs.ts";
import type { LiveRun } from "../live-run.ts";
import type { ValueCache } from "../value-cache.ts";

/** A longer one stands under its hash: it is part of a row's key. */
const LONGEST = 100;

/**
 * What stands at a path of a task run's input, as a text to count it by. One small value is decoded here, and only for tasks that are
 * limited by a key. @throws TuttiError `LIMIT_KEY`: no plain value stands there
 */
export function limitKey(
  run: LiveRun,
  instance: TaskInstance,
  path: readonly string[],
  outputs: Outputs,
  cache: ValueCache,
): string {
  const { manifest } = run.model.task(instance.task).graph;
  const values = inputValues(run, instance, outputs, cache);
  const [field = "", ...rest] = path;
  const mapped = values[`map:${field}`];
  const found =
    mapped !== undefined
      ? partAt(mapped, rest)
      : manifest.input === null
        ? undefined
        : valueAt(manifest.input, path, { run, values });
  if (!isPlain(found))
    throw new TuttiError(
      "LIMIT_KEY",
      `Task "${manifest.name}" is limited by "${path.join(".")}" of its input, and there stands no text, number, true or false that can be read before it starts.`,
    );
  const text = typeof found === "bigint" ? String(found) : (JSON.stringify(found) ?? "none");
  return text.length <= LONGEST ? text : `sha256 ${createHash("sha256").update(text).digest("hex")}`;
}

const UNREADABLE = Symbol("unreadable");

const isPlain = (value: unknown): boolean =>
  value === undefined || value === null || ["string", "number", "boolean", "bigint"].includes(typeof value);

interface Inputs {
  readonly run: LiveRun;
  readonly values: Readonly<Record<string, Part>>;
}

function valueAt(source: Source, path: Path, inputs: Inputs): unknown {
  switch (source.kind) {
    case "literal":
      return readPath(decodeValue(source.value), path);
    case "param":
      return inputs.run.record.params === null
        ? undefined
        : readPath(decodeValue(inputs.run.record.params), [...source.path, ...path]);
    case "output":
      return partAt(inputs.values[`out:${source.task}`], [...source.path, ...path]);
    case "element":
      return partAt(inputs.values["element"], [...source.path, ...path]);
    case "maybe":
      return valueAt(source.of, path, inputs);
    case "firstOf":
      for (const of of source.of) {
        const found = valueAt(of, path, inputs);
        if (found !== undefined) return found;
      }
      return undefined;
    case "object":
    case "list": {
      const [field, ...rest] = path;
      const parts = source.kind === "object" ? source.fields : source.items;
      const part = (parts as Readonly<Record<string | number, Source | undefined>>)[field ?? ""];
      return field === undefined ? UNREADABLE : part && valueAt(part, rest, inputs);
    }
    default:
      return UNREADABLE;
  }
}

function partAt(part: Part | undefined, path: Path): unknown {
  if (part === undefined || part.kind === "absent") return undefined;
  return part.kind === "text" ? readPath(decodeValue(part.text), path) : UNREADABLE;
}
