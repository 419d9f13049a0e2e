import { currentDraft } from "./draft.ts";
import { type MappedRef, type Ref, type RefState, labelOf, makeRef, refState } from "./ref.ts";
import { refusal } from "./refusal.ts";
import { usable } from "./source.ts";

/** The end of one element of a mapped task. */
export type Settled<T> =
  | { readonly state: "succeeded"; readonly value: T }
  | { readonly state: "failed" | "skipped" | "upstream_failed" | "cancelled" };

/**
 * A ref whose absence is allowed: the receiver gets `undefined` when the source ended without a value, instead of being skipped
 * or failed itself. It still waits for the source; its trigger rule does not count it.
 *
 * @throws TuttiError `NOT_A_REF`
 * @example report({ enriched: maybe(enrich({ rows })) });
 */
export function maybe<T>(source: Ref<T>): Ref<T | undefined> {
  const state = takeRef("maybe", source);
  return makeRef({ ...state, source: { kind: "maybe", of: state.source } }) as Ref<T | undefined>;
}

/**
 * The first of these, by argument order, that has a value: the meeting point of a branch's arms. It waits until every source
 * before the one it takes has ended. When none has a value the receiver is `upstream_failed` if one failed, else `skipped`.
 *
 * @throws TuttiError `NOT_A_REF`
 * @example report({ loaded: firstOf(bulk, trickle) });
 */
export function firstOf<T extends readonly [unknown, ...unknown[]]>(
  ...sources: { readonly [K in keyof T]: Ref<T[K]> }
): Ref<T[number]> {
  const states = (sources as readonly unknown[]).map((source) => takeRef("firstOf", source));
  const [first] = states;
  if (first === undefined)
    throw refusal("NOT_A_REF", `firstOf() in workflow "${currentDraft("firstOf").workflow}" needs at least one ref.`);
  const root = `firstOf(${states.map(labelOf).join(", ")})`;
  const of = states.map((state) => state.source);
  const within = states.find((state) => state.within !== null)?.within ?? null;
  return makeRef({
    draft: first.draft,
    source: { kind: "firstOf", of },
    root,
    path: [],
    list: states.some((state) => state.list),
    within,
  }) as Ref<T[number]>;
}

/**
 * Every element of a mapped task with the state it ended in, in order; a failed element fails nobody here.
 *
 * @throws TuttiError `NOT_MAPPED` when the task has no elements.
 * @example triage({ all: settled(audit.map({ store: stores })) });
 */
export function settled<T>(mapped: MappedRef<T>): Ref<readonly Settled<T>[]> {
  const state = takeRef("settled", mapped);
  const { source, draft } = state;
  if (source.kind !== "output" || source.path.length > 0 || !state.list)
    throw refusal(
      "NOT_MAPPED",
      `settled(…) in workflow "${draft.workflow}" takes a mapped task, and "${labelOf(state)}" is none. For a single task write maybe(ref).`,
    );
  return makeRef({
    ...state,
    source: { kind: "settled", task: source.task },
    root: `settled(${labelOf(state)})`,
  }) as Ref<readonly Settled<T>[]>;
}

/** The state of a ref that is given to one of these functions now. */
export function takeRef(taker: string, ref: unknown): RefState {
  const draft = currentDraft(`${taker}(…)`);
  const state = refState(ref);
  if (state === undefined)
    throw refusal(
      "NOT_A_REF",
      `${taker}(…) in workflow "${draft.workflow}" takes refs: what a placed task gives, a property of it, or a param. It got a ${ref === null ? "null" : typeof ref}.`,
    );
  return usable(state, { draft, group: draft.group, what: `the ref given to ${taker}(…)`, path: [] });
}
