import type { MapManifest } from "../core/manifest.ts";
import { introspection } from "../core/value-kind.ts";
import type { TaskDefinition } from "./definition.ts";
import { currentDraft, type Draft } from "./draft.ts";
import { listSourceOf } from "./list-source.ts";
import { makeNode, type MappedNode } from "./node.ts";
import type { Arg, Args, Ref } from "./ref.ts";
import { refState } from "./ref.ts";
import { refusal } from "./refusal.ts";
import { sourceOf } from "./source.ts";

declare const ZIPPED: unique symbol;

/** Lists that are read in step, for `task.map(zip({ … }))`. */
export interface Zipped<S> {
  readonly [ZIPPED]: S;
}

/** What is left of a task's input once `K` is mapped over; nothing when nothing is left, optional when all of it is. */
export type Shared<In, K extends keyof In> = [Exclude<keyof In, K>] extends [never]
  ? []
  : {} extends Omit<In, K>
    ? [shared?: Args<Omit<In, K>>]
    : [shared: Args<Omit<In, K>>];

export interface Mapped<In, R> {
  /**
   * Places the task once for each element of a list: `each` names the input that takes the element, `shared` is the same for all.
   * Several lists give their product, the last key fastest. The elements of another mapped task are passed on one by one, as they end.
   * A list may be written out, or be a param, an output, `settled`, `firstOf` of these, or a `pick` of one. An empty list makes
   * the task `skipped`; one longer than `mapLimit` fails it.
   *
   * @throws TuttiError `MAP_SOURCE_UNSUPPORTED` for any other list; `NESTED_MAP` inside a `group.each`.
   * @example const counts = audit.map({ store: stores }, { day: params.day });
   */
  map<K extends keyof In>(
    each: [K] extends [never] ? never : { readonly [P in K]: Arg<readonly In[P][]> },
    ...shared: Shared<In, K>
  ): MappedNode<R>;
  map<K extends keyof In>(each: Zipped<{ readonly [P in K]: In[P] }>, ...shared: Shared<In, K>): MappedNode<R>;
}

class ZippedLists {
  readonly lists: object;

  constructor(lists: object) {
    this.lists = lists;
  }
}

/**
 * Pairs lists element by element for `task.map`; unequal lengths fail the task by name.
 *
 * @example pair.map(zip({ region: ["emea", "apac"], year: [2024, 2025] })); // emea 2024, apac 2025
 */
export function zip<S extends Record<string, Arg<readonly unknown[]>>>(
  lists: S,
): Zipped<{
  readonly [K in keyof S]: S[K] extends Ref<readonly (infer E)[]> ? E : S[K] extends readonly (infer E)[] ? E : never;
}> {
  return new ZippedLists(lists) as never;
}

export function placeMapped(definition: TaskDefinition, each: unknown, shared: unknown): object {
  const name = definition.alias ?? definition.name;
  const draft = currentDraft(`"${name}.map"`);
  if (draft.eachAround(draft.group) !== null) {
    throw refusal(
      "NESTED_MAP",
      `"${name}.map" in workflow "${draft.workflow}" stands inside a group.each, whose tasks run once per element already. Map over the product of both lists instead: task.map({ a: …, b: … }), with the list of pairs made by a task.`,
    );
  }
  const map = mapOf(draft, name, each);
  const input =
    shared === undefined
      ? null
      : sourceOf(shared, { draft, group: draft.group, what: `the shared input of task "${name}"`, path: [] });
  refuseTwice(map, shared, name, draft);
  const task = draft.place(definition);
  task.map = map;
  task.input = input;
  return makeNode(draft, task);
}

function mapOf(draft: Draft, name: string, each: unknown): MapManifest {
  const lists = each instanceof ZippedLists ? each.lists : each;
  const what = `the list of task "${name}"`;
  if (
    typeof lists !== "object" ||
    lists === null ||
    introspection.tagOf(lists) !== "Object" ||
    Object.keys(lists).length === 0
  ) {
    const hint =
      refState(lists) !== undefined || Array.isArray(lists)
        ? " Name the input that takes an element"
        : " Name at least one input with its list";
    throw refusal(
      "MAP_SOURCE_UNSUPPORTED",
      `"${name}.map" in workflow "${draft.workflow}" needs a list per input.${hint}: ${name}.map({ row: rows }).`,
    );
  }
  const sources = Object.entries(lists).map(([key, list]) => ({
    key,
    list: listSourceOf(list, { draft, group: draft.group, what, path: [key] }),
  }));
  return { kind: each instanceof ZippedLists ? "zip" : "product", lists: sources };
}

function refuseTwice(map: MapManifest, shared: unknown, name: string, draft: Draft): void {
  if (typeof shared !== "object" || shared === null) return;
  const twice = map.lists.find(({ key }) => Object.hasOwn(shared, key));
  if (twice)
    throw refusal(
      "MAP_SOURCE_UNSUPPORTED",
      `"${name}.map" in workflow "${draft.workflow}" gets "${twice.key}" both as a list and as a shared input. Leave one out.`,
    );
}
