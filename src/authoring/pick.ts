import { takeRef } from "./absent.ts";
import { labelOf, makeRef, type Ref } from "./ref.ts";
import { refusal } from "./refusal.ts";
import { picked } from "./source-path.ts";

/**
 * Reads of a value what a path can't: an element, a length, a field with the name of a node method, a fallback.
 * `read` runs in a worker, for the task that receives it, and an error in it is that task's; for a list that is mapped over it
 * runs where the source was made. It gets nothing but the value: what else it needs belongs into a task.
 *
 * @throws TuttiError `NOT_A_REF`
 * @example notify({ first: pick(sales.rows, (rows) => rows[0]?.sku ?? "none") });
 */
export function pick<T, U>(source: Ref<T>, read: (value: T) => U): Ref<U> {
  const state = takeRef("pick", source);
  if (typeof read !== "function")
    throw refusal(
      "BAD_BODY",
      `pick(ref, read) in workflow "${state.draft.workflow}" needs a function as its second argument.`,
    );
  const of = state.source;
  return makeRef({
    ...state,
    source: picked(state.draft, of, read as (value: unknown) => unknown),
    root: `pick(${labelOf(state)})`,
    path: [],
    list: false,
  }) as Ref<U>;
}
