import type { GroupManifest, Path, Source, TaskManifest, WorkflowManifest } from "./manifest.ts";
import { EdgeCollector } from "./edge-collector.ts";
import { enclosing, isMappedOutput, isMappedTask, outputs, usesElement } from "./source.ts";
import { decodeValue } from "./value-codec.ts";

/** A manifest prepared for deciding: who waits for whom, and how the elements of mapped tasks line up. Pure data, one per version. */
export interface Graph {
  readonly manifest: WorkflowManifest;
  readonly tasks: readonly GraphTask[];
  readonly groups: readonly GraphGroup[];
  /** Every task after all that it looks at, and after all of a group that holds back what it maps over. */
  readonly order: readonly number[];
  /** Lists in the params that the graph maps over. */
  readonly paramProbes: readonly ListProbe[];
}

export interface GraphTask {
  readonly ordinal: number;
  readonly manifest: TaskManifest;
  /** The `group.each` it stands in. */
  readonly each: number | null;
  readonly mapped: boolean;
  /** The body of a flow asks for its elements: nothing else makes any, and nothing waits for them but that body. */
  readonly dynamic: boolean;
  /** Its elements have dependencies of their own: it expands as soon as its length is known, and each element decides alone. */
  readonly elementwise: boolean;
  /** What it has one element for: the lists of its `.map`, or the list of its `group.each`. */
  readonly lists: readonly Source[];
  /** The tasks whose end can make the length of one of those lists known. */
  readonly listEdges: readonly Edge[];
  /** What its trigger rule counts: plain refs and ordering edges. */
  readonly upstream: readonly Edge[];
  /** Waited for, not counted: `maybe` and `settled`. */
  readonly soft: readonly Edge[];
  /** `firstOf`: each a list of alternatives, in argument order. */
  readonly choices: readonly (readonly Edge[])[];
  /** Branches that have it as an arm, with the keys that choose it. */
  readonly branches: readonly { readonly edge: Edge; readonly keys: readonly string[] }[];
  /** Tasks to look at again when one of its elements ends, by how they look at it. */
  readonly downstream: readonly { readonly task: number; readonly edge: Edge; readonly role: EdgeRole }[];
  /** The enclosing groups with retries, outermost first. */
  readonly retryGroups: readonly number[];
  /** The lists in its output that other tasks map over. */
  readonly probes: readonly ListProbe[];
}

export type EdgeRole = "counted" | "soft" | "choice" | "branch" | "list";

export interface Edge {
  readonly from: number;
  /** Demands a value. */
  readonly plain: boolean;
  /** The source sets up what the reader uses: no trigger rule counts it. */
  readonly uses: boolean;
  readonly align: Align;
  /** The outermost group with retries that holds the source and not the reader: nothing is seen before it has ended for good. */
  readonly hold: number | null;
}

/** Which elements of the source an element reads: all, the one of the same index, or the one its place in list `list` of the map points at. */
export type Align =
  | { readonly kind: "all" }
  | { readonly kind: "same" }
  | { readonly kind: "list"; readonly list: number };

export interface GraphGroup {
  readonly ordinal: number;
  readonly manifest: GroupManifest;
  /** It, or the enclosing group, that runs once per element. */
  readonly each: number | null;
  /** All tasks in it, also those of groups inside it. */
  readonly tasks: readonly number[];
  /** The one of them that comes last in the graph's order. */
  readonly lastTask: number;
  /** The enclosing groups with retries, outermost first, without itself. */
  readonly retryGroups: readonly number[];
}

/** A list that somebody maps over: where it is in the value, and which `pick` makes it. */
export interface ListProbe {
  readonly key: string;
  readonly path: Path;
  readonly pick: number | null;
}

const ALL: Align = { kind: "all" };
const SAME: Align = { kind: "same" };

export const probeKey = (path: Path, pick: number | null): string =>
  pick === null ? JSON.stringify(path) : `pick:${pick}`;

/** Length of a list written into the graph; `null`: only the run will tell. */
export function knownLength(list: Source): number | null {
  if (list.kind === "list") return list.items.length;
  if (list.kind !== "literal") return null;
  const value = decodeValue(list.value);
  return Array.isArray(value) ? value.length : null;
}

export function compileGraph(manifest: WorkflowManifest): Graph {
  const outlines = manifest.groups.map((group, ordinal) => compileGroup(manifest, group, ordinal));
  const arms = armsInto(manifest);
  const drafts = manifest.tasks.map((_, ordinal) => draftTask(manifest, outlines, arms.get(ordinal) ?? [], ordinal));
  const order = orderOf(drafts, outlines);
  const groups = outlines.map((group) => ({
    ...group,
    lastTask: order.findLast((task) => group.tasks.includes(task)) ?? -1,
  }));
  const probes = collectProbes(manifest);
  const downstream = manifest.tasks.map(() => [] as { task: number; edge: Edge; role: EdgeRole }[]);
  for (const draft of drafts) {
    for (const { edge, role } of edgesOf(draft)) downstream[edge.from]?.push({ task: draft.ordinal, edge, role });
  }
  const tasks = drafts.map((draft, ordinal) => ({
    ...draft,
    downstream: downstream[ordinal] ?? [],
    probes: [...(probes.get(ordinal)?.values() ?? [])],
  }));
  return { manifest, tasks, groups, order, paramProbes: [...(probes.get(PARAMS)?.values() ?? [])] };
}

/** What maps over something that a group holds back comes after all of that group, which has to be counted before its length is known. */
function orderOf(drafts: readonly TaskDraft[], groups: readonly GroupOutline[]): number[] {
  const upstream = drafts.map((draft) => edgesOf(draft).map(({ edge }) => edge.from));
  const held = drafts.map(({ listEdges }) =>
    listEdges.flatMap(({ hold }) => (hold === null ? [] : groups[hold]!.tasks)),
  );
  const order = topologicalOrder(drafts.map((_, task) => new Set([...upstream[task]!, ...held[task]!])));
  // Where the group waits for who waits for it, neither ever begins.
  return order.length === drafts.length ? order : topologicalOrder(upstream.map((froms) => new Set(froms)));
}

/** Kahn's order, lowest place first, so that it is the same everywhere. The manifest has no cycles: building refused them. */
function topologicalOrder(upstream: readonly ReadonlySet<number>[]): number[] {
  const downstream = upstream.map(() => [] as number[]);
  upstream.forEach((froms, task) => froms.forEach((from) => downstream[from]?.push(task)));
  const open = upstream.map((froms) => froms.size);
  const order = open.flatMap((count, task) => (count === 0 ? [task] : []));
  for (let next = 0; next < order.length; next++) {
    for (const task of downstream[order[next] as number] ?? []) {
      open[task] = (open[task] as number) - 1;
      if (open[task] === 0) order.push(task);
    }
  }
  return order;
}

/** The branches that lead to each task, and by which of their keys. */
function armsInto(manifest: WorkflowManifest): ReadonlyMap<number, readonly Arms[]> {
  const into = new Map<number, Map<number, string[]>>();
  for (const [from, { arms }] of manifest.tasks.entries())
    for (const [key, tasks] of Object.entries(arms ?? {}))
      for (const task of new Set(tasks)) {
        const branches = into.get(task) ?? new Map<number, string[]>();
        into.set(task, branches.set(from, [...(branches.get(from) ?? []), key]));
      }
  return new Map(
    [...into].map(([task, branches]) => [task, [...branches].map(([from, keys]) => ({ from, keys }))] as const),
  );
}

interface Arms {
  readonly from: number;
  readonly keys: readonly string[];
}

type GroupOutline = Omit<GraphGroup, "lastTask">;
type TaskDraft = Omit<GraphTask, "downstream" | "probes">;

function edgesOf(task: TaskDraft): { edge: Edge; role: EdgeRole }[] {
  return [
    ...task.upstream.map((edge) => ({ edge, role: "counted" as const })),
    ...task.soft.map((edge) => ({ edge, role: "soft" as const })),
    ...task.choices.flat().map((edge) => ({ edge, role: "choice" as const })),
    ...task.branches.map(({ edge }) => ({ edge, role: "branch" as const })),
    ...task.listEdges.map((edge) => ({ edge, role: "list" as const })),
  ];
}

function compileGroup(manifest: WorkflowManifest, group: GroupManifest, ordinal: number): GroupOutline {
  const above = enclosing(manifest, group.parent);
  return {
    ordinal,
    manifest: group,
    each: [ordinal, ...above].find((g) => manifest.groups[g]?.each) ?? null,
    tasks: manifest.tasks.flatMap((task, t) => (enclosing(manifest, task.group).includes(ordinal) ? [t] : [])),
    retryGroups: above.filter((g) => manifest.groups[g]?.retries).reverse(),
  };
}

function draftTask(
  manifest: WorkflowManifest,
  groups: readonly GroupOutline[],
  arms: readonly Arms[],
  ordinal: number,
): TaskDraft {
  const task = manifest.tasks[ordinal] as TaskManifest;
  const around = enclosing(manifest, task.group);
  const each = task.group === null ? null : (groups[task.group]?.each ?? null);
  const eachList = each === null ? null : (manifest.groups[each]?.each ?? null);
  const lists = task.map ? task.map.lists.map((l) => l.list) : eachList ? [eachList] : [];
  const edges = new EdgeCollector(manifest, each, around);

  if (task.input) edges.read(task.input, ALL);
  if (eachList && task.input && usesElement(task.input))
    edges.read(eachList, isMappedOutput(manifest, eachList) ? SAME : ALL);
  task.map?.lists.forEach(({ list }, place) =>
    edges.read(list, isMappedOutput(manifest, list) ? { kind: "list", list: place } : ALL),
  );
  for (const from of task.after) edges.order(from, task.kind !== "teardown");
  const branches = arms.map(({ from, keys }) => ({ edge: edges.branch(from), keys }));

  const upstream = edges.counted();
  const all = [...upstream, ...edges.soft, ...edges.choices.flat(), ...branches.map((b) => b.edge)];
  return {
    ordinal,
    manifest: task,
    each,
    mapped: lists.length > 0,
    dynamic: task.dynamic === true,
    elementwise: each !== null || (task.map !== null && all.some((edge) => edge.align.kind !== "all")),
    lists,
    listEdges: lists.flatMap((list) => listOutputs(list).map((from) => edges.list(from))),
    upstream,
    soft: edges.soft,
    choices: edges.choices,
    branches,
    retryGroups: around.filter((g) => manifest.groups[g]?.retries).reverse(),
  };
}

/** The tasks whose end can make the length of a list known. */
const listOutputs = (list: Source): number[] => (list.kind === "list" || list.kind === "literal" ? [] : outputs(list));

/** Stands for the run's params where a list's origin is meant. */
export const PARAMS = -1;

/** The tasks (or `PARAMS`) in whose value a mapped list stands, one for each alternative of a `firstOf`. */
export function listOrigins(
  manifest: WorkflowManifest,
  list: Source,
  pick: number | null = null,
): { readonly source: number; readonly probe: ListProbe }[] {
  switch (list.kind) {
    case "output":
      return isMappedTask(manifest, list.task) ? [] : [{ source: list.task, probe: probe(list.path, pick) }];
    case "param":
      return [{ source: PARAMS, probe: probe(list.path, pick) }];
    case "firstOf":
      return list.of.flatMap((of) => listOrigins(manifest, of, pick));
    case "pick":
      return listOrigins(manifest, list.of, list.fn);
    default:
      return [];
  }
}

const probe = (path: Path, pick: number | null): ListProbe => ({ key: probeKey(path, pick), path, pick });

/** By task (or `PARAMS`): the lists in its value that somebody maps over. */
function collectProbes(manifest: WorkflowManifest): Map<number, Map<string, ListProbe>> {
  const found = new Map<number, Map<string, ListProbe>>();
  const mapped = [
    ...manifest.tasks.flatMap((task) => task.map?.lists.map((l) => l.list) ?? []),
    ...manifest.groups.flatMap((group) => group.each ?? []),
  ];
  for (const { source, probe } of mapped.flatMap((list) => listOrigins(manifest, list))) {
    const probes = found.get(source) ?? new Map<string, ListProbe>();
    found.set(source, probes.set(probe.key, probe));
  }
  return found;
}
