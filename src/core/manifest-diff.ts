import { compileGraph } from "./graph.ts";
import type { WorkflowManifest } from "./manifest.ts";

/** How one version of a workflow differs from another, by the names of its tasks and groups. */
export interface ManifestDiff {
  readonly tasks: {
    readonly added: readonly string[];
    readonly removed: readonly string[];
    /** With the fields of the manifest that differ; edges are told apart. */
    readonly changed: readonly ChangedPart[];
  };
  readonly edges: { readonly added: readonly NamedEdge[]; readonly removed: readonly NamedEdge[] };
  /** Groups that are new, gone or otherwise different, with the fields that are. */
  readonly groups: readonly ChangedPart[];
  /** Fields of the workflow itself that differ: `schedules`, `params` and the like. */
  readonly fields: readonly string[];
}

export interface ChangedPart {
  readonly name: string;
  readonly fields: readonly string[];
}

export interface NamedEdge {
  readonly from: string;
  readonly to: string;
}

/** Nothing that a manifest says differs: at most the code does. */
export const isSameGraph = ({ tasks, edges, groups, fields }: ManifestDiff): boolean =>
  [tasks.added, tasks.removed, tasks.changed, edges.added, edges.removed, groups, fields].every(
    ({ length }) => length === 0,
  );

/** What has changed from one manifest to the next. Places in lists mean nothing: a task that moved is the same. */
export function diffManifests(before: WorkflowManifest, after: WorkflowManifest): ManifestDiff {
  const [old, now] = [byName(before), byName(after)];
  const [oldEdges, newEdges] = [edgesOf(before), edgesOf(after)];
  return {
    tasks: {
      added: [...now.tasks.keys()].filter((name) => !old.tasks.has(name)),
      removed: [...old.tasks.keys()].filter((name) => !now.tasks.has(name)),
      changed: [...now.tasks.keys()].flatMap((name) => changedPart(name, old.tasks.get(name), now.tasks.get(name)!)),
    },
    edges: { added: without(newEdges, oldEdges), removed: without(oldEdges, newEdges) },
    groups: [...new Set([...old.groups.keys(), ...now.groups.keys()])].flatMap((name) =>
      changedPart(name, old.groups.get(name) ?? NO_FIELDS, now.groups.get(name) ?? NO_FIELDS),
    ),
    fields: differing(old.workflow, now.workflow),
  };
}

type Fields = Readonly<Record<string, string>>;

/** Each part as texts that can be compared: what refers to a place in a list refers to a name. */
function byName(manifest: WorkflowManifest) {
  const { name: _, kind: __, picks: ___, tasks, groups, ...workflow } = manifest;
  const text = (value: unknown) => named(manifest, value);
  return {
    workflow: texts(workflow, text),
    groups: new Map(groups.map(({ name, ...group }) => [name, { exists: "true", ...texts(group, text) }])),
    // Who it comes after stands among the edges.
    tasks: new Map(
      tasks.map(({ name, after: _after, arms, ...task }) => [
        name,
        { ...texts(task, text), arms: named(manifest, arms, true) },
      ]),
    ),
  };
}

const texts = (fields: object, text: (value: unknown) => string): Fields =>
  Object.fromEntries(Object.entries(fields).map(([field, value]) => [field, text(value)]));

/** JSON with names for places, keys in order, and without the count of `pick`s, which says when each was called. */
function named({ tasks, groups }: WorkflowManifest, value: unknown, ofTasks = false): string {
  const taskName = (place: unknown) => (typeof place === "number" ? tasks[place]?.name : place);
  const groupName = (place: unknown) => (typeof place === "number" ? groups[place]?.name : place);
  const replaced = JSON.stringify(value, (key, part: unknown) => {
    if (key === "fn" && typeof part === "number") return undefined;
    if (key === "task") return sortedKeys(taskName(part));
    if (key === "group" || key === "parent") return sortedKeys(groupName(part));
    return Array.isArray(part) && ofTasks ? part.map(taskName) : sortedKeys(part);
  });
  return replaced ?? "null";
}

const sortedKeys = (value: unknown): unknown =>
  typeof value === "object" && value !== null && !Array.isArray(value)
    ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
    : value;

/** What is not in both is no change of it. */
function changedPart(name: string, before: Fields | undefined, after: Fields): ChangedPart[] {
  const fields = before === undefined ? [] : differing(before, after);
  return fields.length === 0 ? [] : [{ name, fields }];
}

const NO_FIELDS: Fields = {};

/** A field that is absent, as in manifests of older releases, is as good as `null`. */
const differing = (before: Fields, after: Fields): string[] =>
  [...new Set([...Object.keys(before), ...Object.keys(after)])].filter(
    (field) => (before[field] ?? "null") !== (after[field] ?? "null"),
  );

function edgesOf(manifest: WorkflowManifest): NamedEdge[] {
  const name = (task: number) => manifest.tasks[task]?.name ?? String(task);
  const edges = new Map<string, NamedEdge>();
  for (const { ordinal, downstream } of compileGraph(manifest).tasks) {
    for (const { task } of downstream)
      edges.set(`${name(ordinal)} ${name(task)}`, { from: name(ordinal), to: name(task) });
  }
  return [...edges.values()];
}

const without = (edges: readonly NamedEdge[], others: readonly NamedEdge[]): NamedEdge[] =>
  edges.filter(({ from, to }) => !others.some((other) => other.from === from && other.to === to));
