import { type Edge, listOrigins, PARAMS, probeKey } from "../core/graph.ts";
import type { Path, Source } from "../core/manifest.ts";
import type { TaskInstance } from "../core/task-instance.ts";
import type { TaskModel } from "../core/task-model.ts";
import { encodeValue } from "../core/value-codec.ts";
import type { ListReports, StoredValue } from "../core/value.ts";
import { hasValue, listIndex, sourceIndex } from "../core/verdict.ts";
import type { Part, SettledPart } from "../runtime/protocol.ts";
import type { TaskRunOutput } from "../store/store.ts";
import type { LiveRun } from "./live-run.ts";
import type { ValueCache } from "./value-cache.ts";

/** What task runs returned, by id; `null`: nothing. */
export type Outputs = ReadonlyMap<number, TaskRunOutput | null>;

/** The task runs whose output a task run reads: to be loaded before `inputValues`. */
export const inputIds = (run: LiveRun, instance: TaskInstance): readonly number[] =>
  inputInstances(run, instance).map(({ id }) => id);

export function inputInstances(run: LiveRun, instance: TaskInstance): readonly TaskInstance[] {
  const task = run.model.task(instance.task);
  const reads = readEdges(task);
  if (reads.length === 0) return NO_INSTANCES;
  const found: TaskInstance[] = [];
  for (const { edge } of reads)
    for (const source of sources(run, task, edge, instance.index))
      if (source?.state === "succeeded") found.push(source);
  return found;
}

/** Where the task runs stand that a task run reads. `all`: every element, or what stands for a mapped task that has none. */
export function* inputPlaces(
  run: LiveRun,
  instance: TaskInstance,
): Generator<{ readonly source: TaskModel; readonly index: number | null | "all" }, void> {
  const task = run.model.task(instance.task);
  for (const { edge } of readEdges(task)) {
    const source = run.model.task(edge.from);
    if (!source.graph.mapped) yield { source, index: null };
    else if (!source.elements || edge.align.kind === "all") yield { source, index: "all" };
    else yield { source, index: sourceIndex(task, edge, instance.index ?? 0) };
  }
}

/** The parts that a task's sources resolve from, by the keys of `Assignment.values`. */
export function inputValues(
  run: LiveRun,
  instance: TaskInstance,
  outputs: Outputs,
  cache: ValueCache,
): Record<string, Part> {
  const task = run.model.task(instance.task);
  const values: Record<string, Part> = {};
  for (const { edge, role } of readEdges(task)) {
    if (role === "list") continue;
    const key = `${role === "settled" ? "settled" : "out"}:${edge.from}`;
    values[key] ??=
      role === "settled" ? settledPart(run, edge, outputs) : outputPart(run, task, edge, instance.index, outputs);
  }
  const { map } = task.graph.manifest;
  map?.lists.forEach(({ key, list }, place) => {
    values[`map:${key}`] = elementPart(run, task, list, listIndex(task, place, instance.index ?? 0), outputs, cache);
  });
  const [eachList] = task.graph.each === null ? [] : task.graph.lists;
  if (eachList) values.element = elementPart(run, task, eachList, instance.index ?? 0, outputs, cache);
  return values;
}

interface Read {
  readonly edge: Edge;
  readonly role: "value" | "settled" | "list";
}

const READS = new WeakMap<TaskModel["graph"], readonly Read[]>();

/** The edges that carry data, once per version. An ordering edge may be among them: its value is not asked for by any source. */
function readEdges(task: TaskModel): readonly Read[] {
  const known = READS.get(task.graph);
  if (known) return known;
  const { upstream, soft, choices, listEdges, manifest } = task.graph;
  const settled = settledTasks(manifest.input);
  const reads: Read[] = [
    ...upstream.filter((edge) => edge.plain).map((edge) => ({ edge, role: "value" as const })),
    ...soft.map((edge) => ({ edge, role: settled.has(edge.from) ? ("settled" as const) : ("value" as const) })),
    ...choices.flat().map((edge) => ({ edge, role: "value" as const })),
    ...listEdges.map((edge) => ({ edge, role: "list" as const })),
  ];
  READS.set(task.graph, reads);
  return reads;
}

function settledTasks(source: Source | null, found = new Set<number>()): Set<number> {
  if (source?.kind === "settled") found.add(source.task);
  else if (source?.kind === "pick" || source?.kind === "maybe") settledTasks(source.of, found);
  else if (source?.kind === "object") for (const field of Object.values(source.fields)) settledTasks(field, found);
  else if (source?.kind === "list") for (const item of source.items) settledTasks(item, found);
  return found;
}

function sources(
  run: LiveRun,
  task: TaskModel,
  edge: Edge,
  index: number | null,
): readonly (TaskInstance | undefined)[] {
  const source = run.model.task(edge.from);
  if (!source.elements) return [source.single];
  return edge.align.kind === "all" ? source.elements : [source.elements[sourceIndex(task, edge, index ?? 0)]];
}

function outputPart(run: LiveRun, task: TaskModel, edge: Edge, index: number | null, outputs: Outputs): Part {
  const source = run.model.task(edge.from);
  if (edge.align.kind === "all" && source.graph.mapped) {
    if (!edge.plain && !hasValue(run.model, task, edge, index) && isChoice(task, edge)) return ABSENT;
    return {
      kind: "gathered",
      items: (source.elements ?? [])
        .filter((i) => i?.state === "succeeded")
        .map((i) => storedPart(outputs.get((i as TaskInstance).id)?.value)),
    };
  }
  const [instance] = sources(run, task, edge, index);
  return instance?.state === "succeeded" ? storedPart(outputs.get(instance.id)?.value) : ABSENT;
}

const isChoice = (task: TaskModel, edge: Edge): boolean =>
  task.graph.choices.some((alternatives) => alternatives.includes(edge));

function settledPart(run: LiveRun, edge: Edge, outputs: Outputs): Part {
  return {
    kind: "settled",
    items: (run.model.task(edge.from).elements ?? []).map((instance) => settledElement(instance, outputs)),
  };
}

function settledElement(instance: TaskInstance | undefined, outputs: Outputs): SettledPart {
  const state = instance?.state ?? "cancelled";
  return {
    kind: "element",
    state,
    value: state === "succeeded" && instance ? storedPart(outputs.get(instance.id)?.value) : null,
  };
}

/** One element of a list that is mapped over. */
function elementPart(
  run: LiveRun,
  task: TaskModel,
  list: Source,
  index: number,
  outputs: Outputs,
  cache: ValueCache,
): Part {
  switch (list.kind) {
    case "literal":
      return {
        kind: "text",
        text: cache.part(`literal:${run.version.record.id}:${list.value.length}:${list.value}`, list.value, [index]),
      };
    case "param":
      return run.record.params === null
        ? ABSENT
        : { kind: "text", text: cache.part(`params:${run.id}`, run.record.params, [...list.path, index]) };
    case "settled":
      return settledElement(run.model.task(list.task).elements?.[index], outputs);
    case "output":
      return listedPart(run, task, list.task, list.path, null, index, outputs, cache);
    case "firstOf":
      return elementPart(run, task, firstWithValue(run, task, list.of), index, outputs, cache);
    case "pick":
      return pickedPart(run, task, list, index, outputs, cache);
    default:
      return ABSENT;
  }
}

function pickedPart(
  run: LiveRun,
  task: TaskModel,
  list: Source & { kind: "pick" },
  index: number,
  outputs: Outputs,
  cache: ValueCache,
): Part {
  const of = list.of.kind === "firstOf" ? firstWithValue(run, task, list.of.of) : list.of;
  if (of.kind === "output") return listedPart(run, task, of.task, of.path, list.fn, index, outputs, cache);
  const [origin] = listOrigins(run.version.record.manifest, list);
  if (origin?.source !== PARAMS) return ABSENT;
  return slice(
    reportedValue(run.record.paramsLists, origin.probe.key),
    `params:${run.id}:${origin.probe.key}`,
    [index],
    cache,
  );
}

function listedPart(
  run: LiveRun,
  task: TaskModel,
  from: number,
  path: Path,
  pick: number | null,
  index: number,
  outputs: Outputs,
  cache: ValueCache,
): Part {
  const source = run.model.task(from);
  if (source.elements) {
    const instance = source.elements[index];
    return instance?.state === "succeeded" ? storedPart(outputs.get(instance.id)?.value) : ABSENT;
  }
  const [instance] = sources(run, task, edgeTo(task, from), null);
  const output = instance && outputs.get(instance.id);
  if (!instance || !output) return ABSENT;
  if (pick === null) return slice(output.value, `out:${instance.id}:${instance.claim}`, [...path, index], cache);
  const key = probeKey(path, pick);
  return slice(reportedValue(output.lists, key), `out:${instance.id}:${instance.claim}:${key}`, [index], cache);
}

function reportedValue(lists: ListReports | null, key: string): StoredValue | undefined {
  const report = lists?.[key];
  return report && "value" in report ? report.value : undefined;
}

function slice(value: StoredValue | undefined, key: string, path: Path, cache: ValueCache): Part {
  if (!value) return ABSENT;
  return value.kind === "frame"
    ? { kind: "frame", uri: value.uri, path }
    : { kind: "text", text: cache.part(key, value.text, path) };
}

const firstWithValue = (run: LiveRun, task: TaskModel, alternatives: readonly Source[]): Source =>
  alternatives.find((alternative) =>
    listOrigins(run.version.record.manifest, alternative).every(
      ({ source }) => source === PARAMS || hasValue(run.model, task, edgeTo(task, source), null),
    ),
  ) ?? { kind: "literal", value: NOTHING };

const edgeTo = (task: TaskModel, from: number): Edge =>
  task.graph.listEdges.find((edge) => edge.from === from) ?? {
    from,
    plain: false,
    uses: false,
    align: { kind: "all" },
    hold: null,
  };

function storedPart(value: StoredValue | null | undefined): Part {
  if (!value) return { kind: "text", text: NOTHING };
  return value.kind === "inline" ? { kind: "text", text: value.text } : { kind: "frame", uri: value.uri, path: [] };
}

const NO_INSTANCES: readonly TaskInstance[] = [];
const ABSENT: Part = { kind: "absent" };
/** A task that returned nothing has a value: `undefined`. */
const NOTHING = encodeValue(undefined);
