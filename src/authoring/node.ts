import type { TaskDraft, Draft } from "./draft.ts";
import { type Placed, type Placing, placedMethods, registerPlaced } from "./placed.ts";
import { type MappedRef, makeRef, type Ref } from "./ref.ts";

/** One placed task, and a ref to its output. */
export type Node<T> = Placed & Ref<T>;

/** A placed task that runs once per element, and a ref to the list of the outputs that succeeded. */
export type MappedNode<T> = Placed & MappedRef<T>;

/** The node of a task that was just placed. */
export function makeNode(draft: Draft, task: TaskDraft): object {
  const placing = taskPlacing(draft, task);
  const node = makeRef(
    {
      draft,
      source: { kind: "output", task: task.ordinal, path: [] },
      root: task.alias ?? task.base,
      path: [],
      list: task.map !== null,
      within: draft.eachAround(task.group),
    },
    placedMethods(placing, () => node),
  );
  return registerPlaced(node, placing);
}

export const taskPlacing = (draft: Draft, task: TaskDraft): Placing => ({
  draft,
  tasks: () => [task],
  rename: (name) => void (task.alias = name),
  get what() {
    return `${task.kind} "${task.alias ?? task.base}"`;
  },
});
