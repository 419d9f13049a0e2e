import type { Source } from "../core/manifest.ts";
import { readPath } from "../core/value-codec.ts";
import type { Draft } from "./draft.ts";

/** The source of a property of what `source` gives. */
export function sourceAt(draft: Draft, source: Source, key: string): Source {
  switch (source.kind) {
    case "param":
    case "output":
    case "element":
      return { ...source, path: [...source.path, key] };
    case "maybe":
      return { kind: "maybe", of: sourceAt(draft, source.of, key) };
    case "firstOf":
      return { kind: "firstOf", of: source.of.map((of) => sourceAt(draft, of, key)) };
    case "pick":
      return picked(draft, source, (value) => readPath(value, [key]));
    default:
      // No property is read of lists, and refs are never made of structures.
      throw new Error(`No path into a source of kind ${source.kind}`);
  }
}

/** `read` of what `source` gives. A pick of a pick is one pick, so whoever evaluates it deals with one function. */
export function picked(draft: Draft, source: Source, read: (value: unknown) => unknown): Source {
  if (source.kind !== "pick") return { kind: "pick", of: source, fn: draft.pick(read) };
  const first = draft.picks[source.fn] as (value: unknown) => unknown;
  return { kind: "pick", of: source.of, fn: draft.pick((value) => read(first(value))) };
}
