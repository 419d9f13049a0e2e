import type { Source } from "../core/manifest.ts";
import { type Draft } from "./draft.ts";
import { refusal } from "./refusal.ts";
import { describe, type Place, sourceOf } from "./source.ts";

/**
 * The source of a list that is mapped over. Its length must be told by the worker that made it, so not everything can stand here.
 *
 * @throws TuttiError `MAP_SOURCE_UNSUPPORTED`
 */
export function listSourceOf(list: unknown, place: Place): Source {
  const source = sourceOf(list, place);
  const why = source.kind === "literal" && !Array.isArray(list) ? "it is no list" : unsupported(place.draft, source);
  if (why === null) return source;
  throw refusal(
    "MAP_SOURCE_UNSUPPORTED",
    `${describe(place)} can't be mapped over: ${why}. Put it in a task that returns the list, and map over that task's output.`,
  );
}

/** Why a list can't be mapped over, or `null`. */
function unsupported(draft: Draft, source: Source): string | null {
  switch (source.kind) {
    case "literal":
    case "list":
    case "param":
    case "output":
    case "settled":
      return null;
    case "firstOf":
      return source.of.some((of) => of.kind === "pick" || of.kind === "maybe" || unsupported(draft, of) !== null)
        ? "it is firstOf something that can't be mapped over itself"
        : null;
    case "pick":
      return readsElements(draft, source.of)
        ? "it is a pick of the elements of a mapped task"
        : unsupportedPick(source.of);
    case "maybe":
      return "it may be absent (maybe)";
    case "object":
      return "it is no list";
    case "element":
      return "it is a part of one element";
    case "given":
      return "it is what a flow gives";
  }
}

/** A worker evaluates the pick right after it made the value, so it must be a single one. */
function unsupportedPick(of: Source): string | null {
  const single =
    of.kind === "param" ||
    of.kind === "output" ||
    (of.kind === "firstOf" && of.of.every(({ kind }) => kind === "param" || kind === "output"));
  return single
    ? null
    : `it is a pick of ${of.kind === "firstOf" ? "firstOf with more than plain refs" : `"${of.kind}"`}`;
}

function readsElements(draft: Draft, source: Source): boolean {
  if (source.kind === "settled") return true;
  if (source.kind === "output") return draft.isMapped(source.task);
  if (source.kind === "firstOf") return source.of.some((of) => readsElements(draft, of));
  return source.kind === "maybe" || source.kind === "pick" ? readsElements(draft, source.of) : false;
}
