import { introspection } from "../core/value-kind.ts";
import { currentDraft, type Draft, type TaskDraft } from "./draft.ts";
import { readGroupOptions, type GroupOptions } from "./group-options.ts";
import { listSourceOf } from "./list-source.ts";
import { checkName } from "./names.ts";
import type { Node } from "./node.ts";
import { type Placed, placedMethods, type Placing, placingOf, registerPlaced } from "./placed.ts";
import { type Arg, labelOf, type MappedRef, makeRef, type Ref, refState, type RefState } from "./ref.ts";
import { refusal } from "./refusal.ts";
import { picked } from "./source-path.ts";
import { refuseAsync, type Sync } from "./sync.ts";

/** `out` is what the body returned; as a `Placed` it stands for all its tasks, and `.as` names the group. */
export type Group<B> = Placed & { readonly out: B };

/** What a `group.each` body returned, seen from outside: every value is the list of the elements' values. */
export type Gathered<B> =
  B extends Node<infer T>
    ? MappedRef<T>
    : B extends Ref<infer T>
      ? Ref<T[]>
      : B extends object
        ? { readonly [K in keyof B]: Gathered<B[K]> }
        : B;

export interface GroupFunction {
  /**
   * Tasks that belong together. With `retries` they re-run as one: when all have ended and one has failed for good, all of them start anew,
   * and what depends on them starts only when the group has ended for good. A second group of the same name is `name_2`.
   *
   * @throws TuttiError `TASK_OUTSIDE_BODY`, `ASYNC_BODY`, `BAD_NAME`, `UNKNOWN_OPTION`, `BAD_OPTION`
   * @example const staged = group("stage", { retries: 2 }, () => check({ rows: copy().rows })); // staged.out is the node of check
   */
  <B>(name: string, body: () => Sync<B>): Group<B>;
  <B>(name: string, options: GroupOptions, body: () => Sync<B>): Group<B>;
  /**
   * The body once for each element of a list (see `task.map` for what may be a list). Inside, a ref to a task of the group is that
   * element's value; outside, `out` holds lists, of the elements that succeeded. With `retries`, each element re-runs alone.
   *
   * @throws TuttiError `NESTED_MAP` inside another `group.each`; `MAP_SOURCE_UNSUPPORTED`; `FOREIGN_ELEMENT` for an element used outside.
   * @example
   * const perStore = group.each("per_store", { retries: 1 }, stores, (store) => load({ rows: fetch({ store }) }));
   * total({ counts: perStore.out });
   */
  each<E, B>(name: string, list: Arg<readonly E[]>, body: (element: Ref<E>) => Sync<B>): Group<Gathered<B>>;
  each<E, B>(
    name: string,
    options: GroupOptions,
    list: Arg<readonly E[]>,
    body: (element: Ref<E>) => Sync<B>,
  ): Group<Gathered<B>>;
}

/** Groups of one name are told apart by number, wherever they were made. */
const ORIGIN = {};

export const group: GroupFunction = Object.assign(placeGroup, { each: placeEach }) as never;

function placeGroup(name: string, ...rest: readonly unknown[]): object {
  const [options, body] = rest.length > 1 ? rest : [{}, rest[0]];
  const { draft, what } = opening("group", name, body);
  const retries = readGroupOptions(options, what);
  const { ordinal, returned } = draft.inGroup({ base: name, origin: ORIGIN, each: null, retries }, () =>
    (body as () => unknown)(),
  );
  refuseAsync(returned, what);
  return groupNode(groupPlacing(draft, ordinal), returned);
}

function placeEach(name: string, ...rest: readonly unknown[]): object {
  const [options, list, body] = rest.length > 2 ? rest : [{}, ...rest];
  const { draft, what } = opening("group.each", name, body);
  if (draft.eachAround(draft.group) !== null)
    throw refusal(
      "NESTED_MAP",
      `${what} stands inside another group.each. Make one list of both, e.g. a task that returns the pairs, and give that to a single group.each.`,
    );
  const retries = readGroupOptions(options, what);
  const each = listSourceOf(list, { draft, group: draft.group, what: `the list of group.each "${name}"`, path: [] });
  const { ordinal, returned } = draft.inGroup({ base: name, origin: ORIGIN, each, retries }, (group) =>
    (body as (element: unknown) => unknown)(
      makeRef({
        draft,
        source: { kind: "element", group, path: [] },
        root: `element of ${name}`,
        path: [],
        list: false,
        within: group,
      }),
    ),
  );
  refuseAsync(returned, what);
  return groupNode(groupPlacing(draft, ordinal), gathered(draft, returned, name));
}

function opening(kind: string, name: string, body: unknown): { draft: Draft; what: string } {
  const draft = currentDraft(`${kind} "${name}"`);
  const what = `${kind} "${checkName(name, `a ${kind}`)}" in workflow "${draft.workflow}"`;
  if (typeof body !== "function" || refState(body) !== undefined)
    throw refusal("BAD_BODY", `${what} has no function that places its tasks. Write it as the last argument.`);
  return { draft, what };
}

const groupPlacing = (draft: Draft, ordinal: number): Placing => ({
  draft,
  // A teardown comes after what uses its resource, wherever that is, and nothing comes after it.
  tasks: () => draft.tasks.filter(({ kind, group }) => kind !== "teardown" && draft.around(group).includes(ordinal)),
  // To come after the group is not to use what it has set up for itself.
  awaited(): readonly TaskDraft[] {
    const work = this.tasks().filter(({ kind }) => kind !== "setup");
    return work.length === 0 ? this.tasks() : work;
  },
  rename: (name) => {
    const group = draft.groups[ordinal];
    if (group !== undefined) group.alias = name;
  },
  get what() {
    const group = draft.groups[ordinal];
    return `group "${group?.alias ?? group?.base}"`;
  },
});

function groupNode(placing: Placing, out: unknown): object {
  const node: object = { ...placedMethods(placing, () => node), out };
  return Object.freeze(registerPlaced(node, placing));
}

/** What the body of a `group.each` returned, as it is seen from outside. */
function gathered(draft: Draft, value: unknown, name: string): unknown {
  const state = refState(value);
  if (state !== undefined) return gatheredRef(draft, state, name);
  if (typeof value !== "object" || value === null) return value;
  const placing = placingOf(value);
  // A group inside the group: the same group, with its values gathered. A branch has none.
  if (placing !== undefined) return "out" in value ? groupNode(placing, gathered(draft, value.out, name)) : value;
  if (Array.isArray(value)) return value.map((item) => gathered(draft, item, name));
  if (introspection.tagOf(value) !== "Object") return value;
  return Object.fromEntries(Object.entries(value).map(([key, field]) => [key, gathered(draft, field, name)]));
}

function gatheredRef(draft: Draft, state: RefState, name: string): object {
  const { source } = state;
  draft.unread.delete(state);
  const outside = { ...state, root: `${name}.out ${state.root}`, list: true, within: null };
  const ofElement = state.within !== null;
  if (ofElement && source.kind === "output") return makeRef(outside);
  if (ofElement && source.kind === "pick" && source.of.kind === "output") {
    const read = draft.picks[source.fn] as (value: unknown) => unknown;
    return makeRef({
      ...outside,
      source: picked(draft, source.of, (values) => (values as readonly unknown[]).map(read)),
    });
  }
  throw refusal(
    "FOREIGN_ELEMENT",
    `The body of group.each "${name}" in workflow "${draft.workflow}" returns "${labelOf(state)}", of which outside the group there is no list with a value per element. ` +
      (ofElement
        ? "Return the output of a task that takes it."
        : "It is not made in the group: use it outside as it is."),
  );
}
