import type { Graph } from "../api/workflows.ts";
import { type State, STATES, worstOf } from "../words/state.ts";
import type { GraphToDraw } from "./layout.ts";

/** A node as it is drawn: a task, or a group that is folded. */
export interface ShownNode {
  readonly name: string;
  /** `null`: nothing has happened to it, or no run is shown. */
  readonly state: State | null;
  /** Of a mapped task or a folded group: how many are in each state. */
  readonly parts: readonly (readonly [State, number])[];
  readonly note: string;
  /** Under its line. */
  readonly figure: string;
  /** What is drawn instead of its name. */
  readonly label?: string;
  /** Of an asset: how much of the time that it may be old has passed; `null`: nothing says how old it may be. */
  readonly age?: { readonly part: number; readonly tone: "fresh" | "nearly" | "late" } | null;
}

export type Change = "added" | "removed" | "changed";

export interface ShownGraph {
  readonly toDraw: GraphToDraw;
  readonly tasks: readonly ShownNode[];
  readonly groups: readonly ShownNode[];
}

const CHAR = 7.1;
const LEAST = 112;
const MOST = 230;

type Counts = Partial<Record<State, number>>;

/** What of a graph is drawn: names, states, and widths by their names. `figures`: by task. */
export function shownGraph(
  graph: Graph,
  folded: ReadonlySet<string>,
  figures: ReadonlyMap<string, string>,
): ShownGraph {
  const countsOf = (task: Graph["tasks"][number]): Counts => task.counts ?? {};
  const tasks = graph.tasks.map((task): ShownNode => {
    const parts = partsOf(countsOf(task));
    const all = parts.reduce((sum, [, n]) => sum + n, 0);
    return {
      name: task.name,
      state: graph.run === null ? null : parts.length === 0 ? "waiting" : worstOf(parts.map(([state]) => state)),
      parts: task.mapped ? parts : [],
      note: task.mapped ? (all > 0 ? `× ${all}` : "×") : task.sensor ? "sensor" : task.kind === "task" ? "" : task.kind,
      figure: figures.get(task.name) ?? (task.mapped && all > 0 ? `${countsOf(task).succeeded ?? 0} of ${all}` : ""),
    };
  });
  const groups = graph.groups.map(({ name }, id): ShownNode => {
    const inside = graph.tasks.filter(({ group }) => isIn(group, id, graph));
    const counts: Counts = {};
    for (const task of inside)
      for (const [state, n] of partsOf(countsOf(task))) counts[state] = (counts[state] ?? 0) + n;
    const parts = partsOf(counts);
    return {
      name,
      state: graph.run === null ? null : parts.length === 0 ? "waiting" : worstOf(parts.map(([state]) => state)),
      parts,
      note: `${inside.length} tasks`,
      figure: "",
    };
  });
  return {
    tasks,
    groups,
    toDraw: {
      tasks: graph.tasks.map(({ group }, at) => ({ group, width: widthOf(tasks[at]!) })),
      groups: graph.groups.map(({ name, parent }, at) => ({
        parent,
        folded: folded.has(name),
        width: widthOf(groups[at]!),
      })),
      edges: graph.edges.map(([from, to]) => [from!, to!] as const),
    },
  };
}

const widthOf = ({ name, note }: ShownNode): number =>
  Math.min(MOST, Math.max(LEAST, Math.ceil(24 + (name.length + (note === "" ? 0 : note.length + 1)) * CHAR)));

const partsOf = (counts: Counts): (readonly [State, number])[] =>
  STATES.flatMap((state) => ((counts[state] ?? 0) > 0 ? [[state, counts[state]!] as const] : []));

export function isIn(group: number | null, wanted: number, { groups }: Graph): boolean {
  for (let at = group; at !== null; at = groups[at]!.parent) if (at === wanted) return true;
  return false;
}

/** A graph without what is further than so many steps from one of its tasks. */
export function nearTo(graph: Graph, task: string, steps: number): Graph {
  const start = graph.tasks.findIndex(({ name }) => name === task);
  if (start === -1) return graph;
  const kept = new Set([start]);
  for (const [a, b] of [
    [0, 1],
    [1, 0],
  ] as const) {
    let front = new Set([start]);
    for (let step = 0; step < steps && front.size > 0; step++) {
      front = new Set(graph.edges.flatMap((edge) => (front.has(edge[a]!) && !kept.has(edge[b]!) ? [edge[b]!] : [])));
      for (const node of front) kept.add(node);
    }
  }
  const places = new Map([...kept].sort((x, y) => x - y).map((old, at) => [old, at]));
  return {
    ...graph,
    tasks: graph.tasks.filter((_, at) => kept.has(at)),
    edges: graph.edges.flatMap(([from, to, kind]) =>
      places.has(from!) && places.has(to!) ? [[places.get(from!)!, places.get(to!)!, kind!]] : [],
    ),
  };
}
