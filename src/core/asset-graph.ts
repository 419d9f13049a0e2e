import type { AssetManifest, CheckManifest } from "./asset-manifest.ts";
import { compileGraph, type GraphTask } from "./graph.ts";
import type { WorkflowManifest } from "./manifest.ts";
import { subjectsOf } from "./trigger.ts";

/** A task of a workflow, by their names. */
export interface TaskPlace {
  readonly workflow: string;
  readonly task: string;
}

/** One asset as the deployed code knows it. */
export interface AssetNode {
  readonly name: string;
  readonly about: Omit<AssetManifest, "name" | "alerts">;
  readonly makers: readonly TaskPlace[];
  readonly readers: readonly TaskPlace[];
  /** Workflows that start when it is updated. */
  readonly starts: readonly string[];
  readonly checks: readonly (CheckManifest & TaskPlace)[];
}

/** What the second is made from. `by`: the task that makes it; `started`: no task says that it reads the first, but its workflow is started by it. */
export interface AssetEdge {
  readonly from: string;
  readonly to: string;
  readonly by: TaskPlace;
  readonly started: boolean;
}

export interface AssetGraph {
  /** By name. */
  readonly assets: readonly AssetNode[];
  readonly edges: readonly AssetEdge[];
}

type Growing = { -readonly [K in keyof AssetNode]: AssetNode[K] extends readonly (infer T)[] ? T[] : AssetNode[K] };

/** Which assets there are, and which are made from which, over all workflows. */
export function assetGraph(workflows: readonly WorkflowManifest[]): AssetGraph {
  const assets = new Map<string, Growing>();
  const edges = new Map<string, AssetEdge>();
  const node = (name: string): Growing => {
    const known = assets.get(name) ?? { name, about: {}, makers: [], readers: [], starts: [], checks: [] };
    assets.set(name, known);
    return known;
  };
  for (const manifest of workflows) {
    const started = new Set(
      (manifest.triggers ?? []).flatMap((each) => (each.kind === "asset" ? subjectsOf(each) : [])),
    );
    for (const name of started) node(name).starts.push(manifest.name);
    const tasks = manifest.tasks.some(({ produces }) => produces) ? compileGraph(manifest).tasks : [];
    for (const [ordinal, task] of manifest.tasks.entries()) {
      const place = { workflow: manifest.name, task: task.name };
      for (const { name, alerts: _alerts, ...about } of task.assets ?? []) {
        const known = node(name);
        known.about = { ...about, ...known.about };
      }
      for (const name of task.consumes ?? []) node(name).readers.push(place);
      for (const name of task.produces ?? []) node(name).makers.push(place);
      for (const check of task.checks ?? []) node(check.asset).checks.push({ ...check, ...place });
      if (task.produces === undefined) continue;
      const read = readFor(tasks, ordinal);
      for (const to of task.produces) {
        for (const from of read) addEdge(edges, { from, to, by: place, started: false });
        if (read.size === 0) for (const from of started) addEdge(edges, { from, to, by: place, started: true });
      }
    }
  }
  return {
    assets: [...assets.values()].toSorted((a, b) => (a.name < b.name ? -1 : 1)),
    edges: [...edges.values()],
  };
}

function addEdge(edges: Map<string, AssetEdge>, edge: AssetEdge): void {
  const key = JSON.stringify([edge.from, edge.to, edge.by.workflow, edge.by.task]);
  if (edge.from !== edge.to && !edges.has(key)) edges.set(key, edge);
}

/** What a task's assets are made from: what it reads, and what the tasks before it read or made, up to the nearest that made something. */
function readFor(tasks: readonly GraphTask[], ordinal: number): ReadonlySet<string> {
  const found = new Set<string>();
  const seen = new Set<number>([ordinal]);
  const open = [ordinal];
  for (let at = open.pop(); at !== undefined; at = open.pop()) {
    const task = tasks[at]!;
    for (const name of task.manifest.consumes ?? []) found.add(name);
    for (const before of upstreamOf(task)) {
      if (seen.has(before)) continue;
      seen.add(before);
      const made = tasks[before]!.manifest.produces;
      if (made === undefined) open.push(before);
      else for (const name of made) found.add(name);
    }
  }
  return found;
}

function upstreamOf({ upstream, soft, choices, branches, listEdges }: GraphTask): number[] {
  const edges = [...upstream, ...soft, ...choices.flat(), ...branches.map(({ edge }) => edge), ...listEdges];
  return edges.map(({ from }) => from);
}
