import { formatDuration } from "../../core/duration.ts";
import { compileGraph, type Graph, type GraphTask } from "../../core/graph.ts";
import type { Source, WorkflowManifest } from "../../core/manifest.ts";
import { outputs } from "../../core/source.ts";
import { drawLanes } from "./lanes.ts";
import type { Output } from "./output.ts";

/** The graph of a workflow, a task a line: where it comes from, and every option that is not the default. */
export function graphLines(manifest: WorkflowManifest, out: Output): string[] {
  const graph = compileGraph(manifest);
  const order = byLayer(graph);
  const rows = drawLanes(order, (node) => downstreamOf(graph, node)) ?? order.map((node) => ({ node, lanes: "●" }));
  const laneWidth = Math.max(...rows.map(({ lanes }) => lanes.length), 0);
  const nameWidth = Math.max(...manifest.tasks.map(({ name }) => name.length), 0);
  return rows.map(({ lanes, node }) => {
    const drawn = out.style("cyan", lanes.padEnd(laneWidth));
    if (node === null) return drawn.trimEnd();
    const name = manifest.tasks[node]?.name ?? "";
    return `${drawn}  ${out.style("bold", name.padEnd(nameWidth))}  ${detailsOf(graph, node).join(out.style("dim", " · "))}`.trimEnd();
  });
}

/** Tasks that could run at the same time stand together. */
function byLayer(graph: Graph): number[] {
  const layers = new Map<number, number>();
  for (const node of graph.order)
    layers.set(node, Math.max(-1, ...sourcesOf(graph.tasks[node]!).map((from) => layers.get(from) ?? -1)) + 1);
  return graph.order.toSorted((a, b) => layers.get(a)! - layers.get(b)!);
}

const sourcesOf = ({ upstream, soft, choices, branches, listEdges }: GraphTask): number[] => [
  ...new Set(
    [...upstream, ...soft, ...choices.flat(), ...branches.map(({ edge }) => edge), ...listEdges].map(
      ({ from }) => from,
    ),
  ),
];

const downstreamOf = (graph: Graph, node: number): number[] =>
  graph.order.filter((task) => sourcesOf(graph.tasks[task]!).includes(node));

function detailsOf(graph: Graph, node: number): string[] {
  const { manifest } = graph;
  const task = graph.tasks[node]!;
  const { kind, map, group, rule, retries, timeoutMs, isolation, onWorkerLost, allowFailure } = task.manifest;
  return [
    ...upstreamText(graph, task),
    ...(kind === "task" ? [] : [kind]),
    ...(task.dynamic ? ["when the flow asks for it"] : []),
    ...task.branches.map(
      ({ edge, keys }) => `arm ${keys.map((key) => `"${key}"`).join(", ")} of ${nameOf(graph, edge.from)}`,
    ),
    ...(map === null
      ? []
      : [
          `map over ${map.lists.map(({ key, list }) => `${key} = ${sourceText(graph, list)}`).join(map.kind === "zip" ? " zip " : " × ")}`,
        ]),
    ...(group === null ? [] : [`in ${groupPath(manifest, group)}`]),
    ...(task.each === null ? [] : [`each of ${sourceText(graph, manifest.groups[task.each]!.each!)}`]),
    ...(rule === "all_success" || kind === "teardown" ? [] : [`when ${rule}`]),
    ...(retries === null ? [] : [`${retries.limit} ${retries.limit === 1 ? "retry" : "retries"}`]),
    ...(timeoutMs === null ? [] : [`timeout ${formatDuration(timeoutMs)}`]),
    ...(isolation === "shared" ? [] : ["own process"]),
    ...(onWorkerLost === "rerun" ? [] : ["fails when its worker is lost"]),
    ...(allowFailure ? ["may fail"] : []),
  ];
}

function upstreamText(graph: Graph, { upstream, soft, choices }: GraphTask): string[] {
  const data = upstream.filter(({ plain }) => plain).map(({ from }) => nameOf(graph, from));
  const after = upstream.filter(({ plain }) => !plain).map(({ from }) => nameOf(graph, from));
  const maybe = soft.map(({ from }) => `${nameOf(graph, from)}?`);
  const firsts = choices.map((edges) => `first of ${edges.map(({ from }) => nameOf(graph, from)).join(" | ")}`);
  const read = [...new Set([...data, ...maybe, ...firsts])];
  return [
    ...(read.length === 0 ? [] : [`← ${read.join(", ")}`]),
    ...(after.length === 0 ? [] : [`after ${after.join(", ")}`]),
  ];
}

const nameOf = (graph: Graph, task: number): string => graph.manifest.tasks[task]?.name ?? String(task);

const groupPath = (manifest: WorkflowManifest, group: number): string => {
  const { name, parent, retries } = manifest.groups[group]!;
  const own = retries === null ? name : `${name} (${retries.limit} ${retries.limit === 1 ? "retry" : "retries"})`;
  return parent === null ? own : `${groupPath(manifest, parent)} / ${own}`;
};

function sourceText(graph: Graph, source: Source): string {
  switch (source.kind) {
    case "literal":
      return "a list";
    case "list":
      return `${source.items.length} items`;
    case "param":
      return ["params", ...source.path].join(".");
    case "output":
      return [nameOf(graph, source.task), ...source.path].join(".");
    case "settled":
      return `settled(${nameOf(graph, source.task)})`;
    case "pick":
      return `pick(${sourceText(graph, source.of)})`;
    default:
      return [...new Set(outputs(source))].map((task) => nameOf(graph, task)).join(" | ");
  }
}
