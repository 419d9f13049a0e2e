import type { Source } from "../core/manifest.ts";
import { encodeValue, formatPath } from "../core/value-codec.ts";
import { introspection } from "../core/value-kind.ts";
import { definitionOf } from "./definition.ts";
import type { Draft } from "./draft.ts";
import { placingOf } from "./placed.ts";
import { labelOf, type RefState, refState } from "./ref.ts";
import { refusal } from "./refusal.ts";

/** Where a value stands that is turned into a source. */
export interface Place {
  readonly draft: Draft;
  /** The group of what takes it. */
  readonly group: number | null;
  /** For messages: `the input of task "load"`. */
  readonly what: string;
  readonly path: readonly (string | number)[];
}

/**
 * A value with refs inside, as data. Parts without refs become one literal each.
 *
 * @throws TuttiError `VALUE_NOT_SERIALIZABLE`, `FOREIGN_REF`, `FOREIGN_ELEMENT`, `NOT_A_REF`, `REF_USED_AS_VALUE` for a ref inside a Map or Set
 */
export function sourceOf(value: unknown, place: Place): Source {
  return sourceInside(value, place, []);
}

/** `around`: the containers that hold it, to notice one that holds itself. */
function sourceInside(value: unknown, place: Place, around: readonly object[]): Source {
  const state = refState(value);
  if (state !== undefined) return usable(state, place).source;
  refuseUnplaceable(value, place);
  if (!holdsRef(value)) return { kind: "literal", value: encodeValue(value, { at: describe(place) }) };
  const container = value as object;
  refuseContainer(container, place, around);
  const inside = (part: unknown, key: string | number) =>
    sourceInside(part, within(place, key), [...around, container]);
  if (Array.isArray(container)) return { kind: "list", items: container.map(inside) };
  return {
    kind: "object",
    fields: Object.fromEntries(Object.entries(container).map(([key, field]) => [key, inside(field, key)])),
  };
}

/** A ref's state, once it is sure that it has a value where it is used. */
export function usable(state: RefState, place: Place): RefState {
  const { draft, group } = place;
  state.draft.unread.delete(state);
  if (state.draft !== draft) {
    throw refusal(
      "FOREIGN_REF",
      `${describe(place)} is "${labelOf(state)}" of workflow "${state.draft.workflow}", which has no value in workflow "${draft.workflow}". Place the task again in this body, or pass the value as a param.`,
    );
  }
  if (state.within !== null && !draft.around(group).includes(state.within)) {
    throw refusal(
      "FOREIGN_ELEMENT",
      `${describe(place)} is "${labelOf(state)}", which has a value only inside group.each "${draft.groups[state.within]?.base}". Return it from the group's body and use the group's "out" here.`,
    );
  }
  return state;
}

export const describe = ({ draft, what, path }: Place): string =>
  `${path.length === 0 ? what : `"${formatPath(path)}" in ${what}`} of workflow "${draft.workflow}"`;

const within = (place: Place, key: string | number): Place => ({ ...place, path: [...place.path, key] });

/** Deeper than anybody writes by hand; the manifest must stay readable for everything that walks it. */
const MAX_DEPTH = 200;

function refuseContainer(container: object, place: Place, around: readonly object[]): void {
  if (container instanceof Map || container instanceof Set) {
    const kind = container.constructor.name;
    throw refusal(
      "REF_USED_AS_VALUE",
      `${describe(place)} is a ${kind} with a ref inside. Refs may stand in plain objects and lists; build the ${kind} in the task.`,
    );
  }
  const why = around.includes(container)
    ? "holds itself, which a structure with refs inside can't"
    : around.length >= MAX_DEPTH
      ? `has refs more than ${MAX_DEPTH} levels deep`
      : Object.hasOwn(container, "__proto__")
        ? 'has a key "__proto__"'
        : null;
  if (why !== null)
    throw refusal("VALUE_NOT_SERIALIZABLE", `${describe(place)} ${why}. Pass the parts as fields of their own.`);
}

function refuseUnplaceable(value: unknown, place: Place): void {
  const placing = placingOf(value);
  if (placing !== undefined)
    throw refusal(
      "NOT_A_REF",
      `${describe(place)} is ${placing.what}, which has no value of its own. ${placing.what.startsWith("group") ? 'Pass what its body returned: the group\'s "out".' : "To wait for it, write .after(it)."}`,
    );
  const task = definitionOf(value);
  if (task !== undefined)
    throw refusal(
      "VALUE_NOT_SERIALIZABLE",
      `${describe(place)} is the task "${task.name}" itself. Call it to pass its output: ${task.name}(…).`,
    );
}

/** Whether a ref, or something of the graph, is anywhere in a value. Looks into plain containers only, and never recurses: values may be deep. */
function holdsRef(value: unknown): boolean {
  const seen = new Set<object>();
  const open: unknown[] = [value];
  while (open.length > 0) {
    const next = open.pop();
    if (refState(next) !== undefined || placingOf(next) !== undefined || definitionOf(next) !== undefined) return true;
    if (typeof next !== "object" || next === null || seen.has(next)) continue;
    seen.add(next);
    for (const part of parts(next)) open.push(part);
  }
  return false;
}

function parts(container: object): Iterable<unknown> {
  const kind = introspection.tagOf(container);
  if (kind === "Array" || kind === "Set") return container as Iterable<unknown>;
  if (kind === "Map") return [...(container as Map<unknown, unknown>)].flat();
  return kind === "Object" ? Object.values(container) : [];
}
