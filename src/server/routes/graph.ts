import { workflowContracts } from "../../api/workflow-contracts.ts";
import { compileGraph, type Edge, type GraphTask } from "../../core/graph.ts";
import type { TaskManifest, WorkflowManifest } from "../../core/manifest.ts";
import type { TaskRunState } from "../../core/task-run-state.ts";
import { on } from "../handler.ts";
import type { ServerContext } from "../server-context.ts";
import { oneVersion } from "../version-lookup.ts";
import { visibleRun } from "../visible-run.ts";

const EDGE_KINDS = ["data", "order", "soft", "choice", "branch", "map"] as const;

export const graphRoutes = [
  on(workflowContracts.graph, async ({ params, query, caller }, server) => {
    const { catalog, reader } = server;
    const { summary, version: latest } = await catalog.get(params.workflow, caller);
    const found = query.run === undefined ? null : await visibleRun(query.run, caller, server);
    const version =
      found !== null
        ? ((await catalog.version(found.run.versionId)) ?? latest)
        : query.version === undefined
          ? latest
          : await oneVersion(reader, summary.name, query.version);
    const { manifest, taskIds } = version;
    const counts = found === null ? null : await countsByTask(found.run.id, server);
    return {
      workflow: summary.name,
      version: version.hash,
      run: found?.run.id ?? null,
      // Of what the body of a flow may ask for, that which it has. It all stands behind the body, and no edge leads there.
      tasks: manifest.tasks.flatMap((task, place) =>
        task.dynamic && !counts?.has(taskIds[place]!)
          ? []
          : nodeDocument(task, counts && (counts.get(taskIds[place]!) ?? {})),
      ),
      groups: manifest.groups.map(({ name, parent, each }) => ({ name, parent, each: each !== null })),
      edges: edgesOf(manifest),
      edgeKinds: [...EDGE_KINDS],
    };
  }),
];

type Counts = Partial<Record<TaskRunState, number>>;

async function countsByTask(runId: string, { reader }: ServerContext): Promise<ReadonlyMap<number, Counts>> {
  const byTask = new Map<number, Counts>();
  for (const { taskId, state, count } of await reader.taskStates([runId]))
    byTask.set(taskId, { ...byTask.get(taskId), [state]: count });
  return byTask;
}

const nodeDocument = (task: TaskManifest, counts: Counts | null) => ({
  name: task.name,
  kind: task.kind,
  description: task.description,
  group: task.group,
  rule: task.rule,
  mapped: task.map !== null,
  sensor: task.sensor !== undefined,
  queue: task.queue ?? null,
  counts,
});

const known = new WeakMap<WorkflowManifest, number[][]>();

/** Of a version that does not change they are found once. */
function edgesOf(manifest: WorkflowManifest): number[][] {
  const found = known.get(manifest) ?? findEdges(compileGraph(manifest).tasks);
  known.set(manifest, found);
  return found;
}

/** `[from, to, kind]`, each pair once: by the strongest of its reasons. */
function findEdges(tasks: readonly GraphTask[]): number[][] {
  const edges: number[][] = [];
  for (const task of tasks) {
    const kinds = new Map<number, number>();
    const add = (list: readonly Edge[], kind: (edge: Edge) => (typeof EDGE_KINDS)[number]) => {
      for (const edge of list) {
        const place = EDGE_KINDS.indexOf(kind(edge));
        kinds.set(edge.from, Math.min(place, kinds.get(edge.from) ?? place));
      }
    };
    add(task.upstream, ({ plain }) => (plain ? "data" : "order"));
    add(task.soft, () => "soft");
    for (const choice of task.choices) add(choice, () => "choice");
    add(
      task.branches.map(({ edge }) => edge),
      () => "branch",
    );
    add(task.listEdges, () => "map");
    for (const [from, kind] of kinds) edges.push([from, task.ordinal, kind]);
  }
  return edges;
}
