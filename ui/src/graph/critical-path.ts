import type { Graph } from "../api/workflows.ts";

/** The tasks whose time adds up to the longest way through the graph, in order. `msOf`: how long each takes. */
export function criticalPath(
  { tasks, edges }: Pick<Graph, "tasks" | "edges">,
  msOf: (task: string) => number,
): string[] {
  const before: number[][] = tasks.map(() => []);
  for (const [from, to] of edges) before[to!]!.push(from!);
  const total = new Array<number>(tasks.length).fill(-1);
  const via = new Array<number>(tasks.length).fill(-1);
  // A task may stand before what it waits for in the list, so the order is found by walking.
  const stack: number[] = [];
  const visit = (start: number): void => {
    stack.push(start);
    while (stack.length > 0) {
      const task = stack.at(-1)!;
      const open = total[task] === -1 ? before[task]!.filter((each) => total[each] === -1) : [];
      if (open.length > 0) {
        stack.push(...open);
        continue;
      }
      stack.pop();
      if (total[task] !== -1) continue;
      let most = 0;
      for (const each of before[task]!) {
        if (total[each]! < most && via[task] !== -1) continue;
        if (total[each]! >= most) {
          most = total[each]!;
          via[task] = each;
        }
      }
      total[task] = most + msOf(tasks[task]!.name);
    }
  };
  tasks.forEach((_, task) => total[task] === -1 && visit(task));
  let at = total.reduce((last, ms, task) => (ms > (total[last] ?? -1) ? task : last), 0);
  if (tasks.length === 0 || total[at]! <= 0) return [];
  const path: string[] = [];
  for (; at !== -1; at = via[at]!) path.unshift(tasks[at]!.name);
  return path;
}
