import { outputs } from "../core/source.ts";
import type { Draft, TaskDraft } from "./draft.ts";

/** The names of tasks that wait for each other, in the order of the data, the first once more at the end; `null` when there are none. */
export function findCycle(draft: Draft, names: readonly string[], groupNames: readonly string[]): string[] | null {
  const cycle = firstCycle(successors(draft));
  if (cycle === null) return null;
  const nameOf = (node: number) => names[node] ?? `group "${groupNames[node - names.length]}"`;
  return [...cycle, cycle[0] as number].map(nameOf);
}

/**
 * Who waits for whom, tasks first, then groups. A group with retries counts as one, for its end: tasks outside wait for that, and not
 * for the task in it that they name, so a task in it can't in turn wait for them.
 */
function successors(draft: Draft): number[][] {
  const next: Set<number>[] = Array.from({ length: draft.tasks.length + draft.groups.length }, () => new Set());
  for (const task of draft.tasks) {
    const around = draft.around(task.group);
    for (const from of upstream(draft, task)) {
      next[from]?.add(task.ordinal);
      for (const group of retried(draft, from))
        if (!around.includes(group)) next[draft.tasks.length + group]?.add(task.ordinal);
    }
    for (const group of retried(draft, task.ordinal)) next[task.ordinal]?.add(draft.tasks.length + group);
  }
  return next.map((nodes) => [...nodes]);
}

/** The tasks whose value it reads, and those that it comes after. */
export function upstream(draft: Draft, task: TaskDraft): number[] {
  const each = draft.eachAround(task.group);
  const list = each === null ? null : draft.groups[each]?.each;
  const sources = [task.input, list, ...(task.map?.lists.map((entry) => entry.list) ?? [])];
  return [...sources.flatMap((source) => (source ? outputs(source) : [])), ...task.after];
}

const retried = (draft: Draft, task: number): number[] =>
  draft.around(draft.tasks[task]?.group ?? null).filter((group) => draft.groups[group]?.retries);

/** Depth first, with a stack of its own: a chain may be longer than JavaScript's. */
function firstCycle(next: readonly (readonly number[])[]): number[] | null {
  const done = new Set<number>();
  for (let start = 0; start < next.length; start++) {
    const path: { node: number; branch: number }[] = [{ node: start, branch: 0 }];
    const onPath = new Set([start]);
    while (path.length > 0 && !done.has(start)) {
      const top = path[path.length - 1] as { node: number; branch: number };
      const to = next[top.node]?.[top.branch++];
      if (to === undefined) {
        done.add(top.node);
        onPath.delete(top.node);
        path.pop();
      } else if (onPath.has(to)) {
        const nodes = path.map(({ node }) => node);
        return nodes.slice(nodes.indexOf(to));
      } else if (!done.has(to)) {
        path.push({ node: to, branch: 0 });
        onPath.add(to);
      }
    }
  }
  return null;
}
