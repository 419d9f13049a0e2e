import type { NamedTaskRun, Reason } from "./explanation.ts";
import type { Edge } from "./graph.ts";
import type { RunModel } from "./run-model.ts";
import type { TaskInstance } from "./task-instance.ts";
import type { TaskModel } from "./task-model.ts";
import { isEndedTaskRun } from "./task-run-state.ts";
import { sourceOf } from "./verdict.ts";

/** How many are named. */
const NAMED = 10;

/** What a task run that has not been queued waits for in its graph. `index`: the element; `null`: the task as a whole. */
export function waitsInGraph(run: RunModel, ordinal: number, index: number | null): readonly Reason[] {
  const task = run.task(ordinal);
  const reasons: Reason[] = [];
  const { rule } = task.graph.manifest;
  const open = distinct(edgesOf(task).flatMap((edge) => unended(run, task, edge, index)));
  if (open.length > 0)
    reasons.push({ kind: "upstream", rule, waitsFor: open.slice(0, NAMED), more: Math.max(0, open.length - NAMED) });
  for (const edge of edgesOf(task)) {
    if (edge.hold === null) continue;
    const source = sourceOf(run, task, edge, index);
    if (source && isEndedTaskRun(source.state) && !run.isFinal(edge.hold, source.index))
      reasons.push({ kind: "group", group: run.group(edge.hold).graph.manifest.name });
  }
  if (reasons.length === 0 && task.graph.mapped && task.elements === null)
    reasons.push({
      kind: "length",
      waitsFor: task.graph.listEdges.flatMap((edge) => unended(run, task, edge, index)).slice(0, NAMED),
    });
  return reasons;
}

/** The failures behind an end that none of its own code brought about: those that failed themselves, not those that followed. */
export function rootCauses(run: RunModel, ordinal: number, index: number | null): readonly TaskInstance[] {
  const found = new Set<TaskInstance>();
  const seen = new Set<string>();
  const look = (task: TaskModel, at: number | null): void => {
    const key = `${task.graph.ordinal}/${at}`;
    if (seen.has(key) || found.size >= NAMED) return;
    seen.add(key);
    for (const edge of edgesOf(task))
      for (const source of sources(run, task, edge, at)) {
        if (!source) continue;
        if (source.state === "failed" || source.state === "cancelled") found.add(source);
        else if (source.state === "upstream_failed") look(run.task(edge.from), source.index);
      }
  };
  look(run.task(ordinal), index);
  return [...found];
}

/** Those before it that were skipped, or did not choose it. */
export function skippedBefore(run: RunModel, ordinal: number, index: number | null): readonly NamedTaskRun[] {
  const task = run.task(ordinal);
  const all = edgesOf(task).flatMap((edge) => sources(run, task, edge, index));
  const skipped = all.filter((source) => source?.state === "skipped");
  const branches = task.graph.branches.flatMap(({ edge }) => sources(run, task, edge, index));
  return distinct([...skipped, ...branches].flatMap((source) => (source ? named(run, source) : []))).slice(0, NAMED);
}

export const named = (run: RunModel, { task, index, state }: TaskInstance): NamedTaskRun => ({
  task: run.task(task).graph.manifest.name,
  mapIndex: index,
  state,
});

function edgesOf({ graph }: TaskModel): readonly Edge[] {
  return [...graph.upstream, ...graph.soft, ...graph.choices.flat(), ...graph.branches.map(({ edge }) => edge)];
}

function sources(
  run: RunModel,
  task: TaskModel,
  edge: Edge,
  index: number | null,
): readonly (TaskInstance | undefined)[] {
  const source = run.task(edge.from);
  return edge.align.kind === "all" && source.elements ? source.elements : [sourceOf(run, task, edge, index)];
}

function unended(run: RunModel, task: TaskModel, edge: Edge, index: number | null): readonly NamedTaskRun[] {
  const from = run.task(edge.from);
  return sources(run, task, edge, index).flatMap((source, place) => {
    if (source && isEndedTaskRun(source.state)) return [];
    if (source) return [named(run, source)];
    const mapIndex = from.elements ? (edge.align.kind === "all" ? place : index) : null;
    return [{ task: from.graph.manifest.name, mapIndex, state: "waiting" as const }];
  });
}

function distinct(all: readonly NamedTaskRun[]): readonly NamedTaskRun[] {
  return [...new Map(all.map((one) => [`${one.task}[${one.mapIndex}]`, one])).values()];
}
