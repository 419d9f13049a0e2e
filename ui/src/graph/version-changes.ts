import type { ManifestDiff } from "../../../src/core/manifest-diff.ts";
import type { Graph } from "../api/workflows.ts";
import type { Change } from "./shown-graph.ts";

/** What became of each task from one version to the next. */
export function changesOf(diff: unknown): ReadonlyMap<string, Change> {
  const { tasks } = diff as ManifestDiff;
  return new Map<string, Change>([
    ...tasks.added.map((name) => [name, "added"] as const),
    ...tasks.removed.map((name) => [name, "removed"] as const),
    ...tasks.changed.map(({ name }) => [name, "changed"] as const),
  ]);
}

/** The graph with what an earlier one had besides, so that both can be seen at once. */
export function withRemoved(graph: Graph, before: Graph): Graph {
  const places = new Map(graph.tasks.map(({ name }, at) => [name, at]));
  const gone = before.tasks.filter(({ name }) => !places.has(name));
  gone.forEach(({ name }, at) => places.set(name, graph.tasks.length + at));
  const isGone = new Set(gone.map(({ name }) => name));
  const edges = before.edges.flatMap(([from, to, kind]) => {
    const [a, b] = [before.tasks[from!]!.name, before.tasks[to!]!.name];
    return isGone.has(a) || isGone.has(b) ? [[places.get(a)!, places.get(b)!, kind!]] : [];
  });
  return {
    ...graph,
    tasks: [...graph.tasks, ...gone.map((task) => ({ ...task, group: null }))],
    // An edge that would close a circle with those of today is not drawn.
    edges: [...graph.edges, ...edges.filter(([from, to]) => !graph.edges.some(([a, b]) => a === to && b === from))],
  };
}
