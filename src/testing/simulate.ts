import { build } from "../authoring/build.ts";
import type { Workflow } from "../authoring/workflow.ts";
import { decide, type RunEvent, type TaskOutcome } from "../core/decide.ts";
import { TuttiError } from "../core/errors.ts";
import { compileGraph, type Graph, type GraphTask, listOrigins, PARAMS } from "../core/graph.ts";
import { RunModel } from "../core/run-model.ts";
import type { RunState } from "../core/run-state.ts";
import type { TaskInstance } from "../core/task-instance.ts";
import type { TaskRunState } from "../core/task-run-state.ts";
import { TransitionLog } from "../core/transition.ts";
import type { ListReports } from "../core/value.ts";

/** How a simulated task run ends; `pending`: it has not ended yet. */
export type SimulatedOutcome = "succeeded" | "failed" | "skipped" | "pending";

export interface SimulateOptions {
  /** By task name: one outcome for all its task runs, or a list by map index. Default: `succeeded`. */
  readonly outcomes?: Readonly<Record<string, SimulatedOutcome | readonly SimulatedOutcome[]>>;
  /** Length of the lists that only a run would know, by the name of the mapped task or `group.each`; by key where a task maps over several. Default: as many as its `outcomes` list, else 1. */
  readonly mapLengths?: Readonly<Record<string, number | Readonly<Record<string, number>>>>;
  /** What a branch chooses, by its name. Default: every arm. */
  readonly branches?: Readonly<Record<string, string | readonly string[] | null>>;
}

export interface Simulated {
  readonly run: RunState;
  /** The state of each task; the list of its elements' states, once a mapped task has elements. */
  readonly tasks: Readonly<Record<string, TaskRunState | readonly TaskRunState[]>>;
}

/**
 * What a run of this workflow would come to, by the rules alone: no code of the workflow's tasks runs, nothing is stored.
 *
 * @throws TuttiError `FLOW_NOT_SIMULATED` for a flow, whose shape only its code knows; `UNKNOWN_TASK` when an option names a task, group or branch that the workflow does not have.
 * @example simulate(retail, { outcomes: { load: "failed" } }).tasks.notify // "upstream_failed"
 */
export function simulate(workflow: Workflow, options: SimulateOptions = {}): Simulated {
  const graph = compileGraph(build(workflow).manifest);
  if (graph.manifest.kind === "flow")
    throw new TuttiError(
      "FLOW_NOT_SIMULATED",
      `Flow "${graph.manifest.name}" can't be simulated: only its body knows which tasks it runs, and no code runs here. Run it with runWorkflow, or call its tasks.`,
    );
  refuseUnknownNames(graph, options);
  const run = new RunModel(graph, {
    id: "simulated",
    state: "queued",
    generation: 1,
    cancelRequested: false,
    paramsLists: lengthsOf(graph, PARAMS, options),
  });
  let events: readonly RunEvent[] = [{ kind: "begin" }];
  for (let now = 0; events.length > 0;) {
    const { queued, dueAt } = decide(run, events, now);
    const log = new TransitionLog(now);
    for (const instance of queued) log.claimed(instance, "simulated");
    events = queued.flatMap((instance) => ending(graph, instance, options));
    if (events.length > 0 || dueAt === null) continue;
    now = dueAt;
    events = [{ kind: "due", random: 0 }];
  }
  return {
    run: run.header.state,
    tasks: Object.fromEntries(run.tasks.map((task) => [task.graph.manifest.name, statesOf(task)])),
  };
}

function ending(graph: Graph, instance: TaskInstance, options: SimulateOptions): RunEvent[] {
  const task = graph.tasks[instance.task] as GraphTask;
  const outcome = outcomeOf(task, instance.index, options);
  if (outcome === "pending") return [];
  return [
    {
      kind: "finished",
      instance,
      claim: instance.claim,
      startedAt: 0,
      endedAt: 0,
      random: 0,
      outcome: toOutcome(graph, task, outcome, options),
    },
  ];
}

function outcomeOf(task: GraphTask, index: number | null, options: SimulateOptions): SimulatedOutcome {
  const given = options.outcomes?.[task.manifest.name] ?? "succeeded";
  return typeof given === "string" ? given : (given[index ?? 0] ?? "succeeded");
}

function toOutcome(
  graph: Graph,
  task: GraphTask,
  outcome: Exclude<SimulatedOutcome, "pending">,
  options: SimulateOptions,
): TaskOutcome {
  if (outcome === "skipped") return { state: "skipped", reason: "simulated" };
  if (outcome === "failed")
    return {
      state: "failed",
      error: { name: "Error", message: "simulated" },
      rule: null,
      retryAfterMs: null,
      final: true,
    };
  return {
    state: "succeeded",
    output: null,
    lists: lengthsOf(graph, task.ordinal, options),
    arms: armsOf(task, options),
  };
}

function armsOf(task: GraphTask, options: SimulateOptions): readonly string[] | null {
  if (!task.manifest.arms) return null;
  const chosen = options.branches?.[task.manifest.name];
  if (chosen === undefined) return Object.keys(task.manifest.arms);
  return chosen === null ? [] : typeof chosen === "string" ? [chosen] : chosen;
}

/** Reports for the lists in the output of a task (or in the params) that are mapped over. */
function lengthsOf(graph: Graph, source: number, options: SimulateOptions): ListReports {
  const probes = source === PARAMS ? graph.paramProbes : (graph.tasks[source]?.probes ?? []);
  return Object.fromEntries(
    probes.map((probe) => [probe.key, { length: lengthOf(readersOf(graph, source, probe.key), options) }]),
  );
}

/** Who maps over a list: a task by one of its keys, or a `group.each` with all its tasks. */
interface ListReader {
  readonly name: string;
  readonly key: string | null;
  readonly tasks: readonly string[];
}

function readersOf({ manifest, groups }: Graph, source: number, key: string): ListReader[] {
  const reads = (list: Parameters<typeof listOrigins>[1]) =>
    listOrigins(manifest, list).some((origin) => origin.source === source && origin.probe.key === key);
  const tasks = manifest.tasks.flatMap(({ name, map }) =>
    (map?.lists ?? []).flatMap((l) => (reads(l.list) ? [{ name, key: l.key, tasks: [name] }] : [])),
  );
  const each = manifest.groups.flatMap((group, g) => {
    const inside = groups[g]?.tasks.map((t) => manifest.tasks[t]?.name ?? "") ?? [];
    return group.each && reads(group.each) ? [{ name: group.name, key: null, tasks: inside }] : [];
  });
  return [...tasks, ...each];
}

function lengthOf(readers: readonly ListReader[], options: SimulateOptions): number {
  for (const { name, key, tasks } of readers) {
    const given =
      options.mapLengths?.[name] ??
      options.mapLengths?.[tasks.find((task) => options.mapLengths?.[task] !== undefined) ?? ""];
    if (typeof given === "number") return given;
    if (given !== undefined && key !== null && given[key] !== undefined) return given[key];
    const outcomes = tasks.map((task) => options.outcomes?.[task]).find((outcome) => Array.isArray(outcome));
    if (outcomes) return outcomes.length;
  }
  return 1;
}

function statesOf(task: RunModel["tasks"][number]): TaskRunState | TaskRunState[] {
  if (!task.elements) return task.single?.state ?? "waiting";
  return task.elements.map((instance) => instance?.state ?? "waiting");
}

function refuseUnknownNames({ manifest }: Graph, options: SimulateOptions): void {
  const tasks = manifest.tasks.map((task) => task.name);
  const known = {
    outcomes: tasks,
    mapLengths: [...tasks, ...manifest.groups.map((group) => group.name)],
    branches: manifest.tasks.flatMap((task) => (task.arms ? [task.name] : [])),
  };
  for (const [option, names] of Object.entries(known)) {
    const unknown = Object.keys(options[option as keyof SimulateOptions] ?? {}).find((name) => !names.includes(name));
    if (unknown === undefined) continue;
    throw new TuttiError(
      "UNKNOWN_TASK",
      `simulate: ${option} names "${unknown}", which workflow "${manifest.name}" does not have. It has: ${names.join(", ")}.`,
    );
  }
}
