import type { Graph } from "./graph.ts";
import { diffManifests } from "./manifest-diff.ts";

/** Fields of a task that say what its task runs stand for. */
const ANOTHER_THING = ["kind", "map", "group", "arms", "dynamic"];

/**
 * The tasks that start anew when a run goes on with another version, by their places in it. Tasks are the same when their names
 * are. A recorded end is kept where its task is what it was, and so is everything that it looks at.
 */
export function startsAnew(before: Graph, after: Graph): ReadonlySet<number> {
  const { tasks, groups } = diffManifests(before.manifest, after.manifest);
  const other = new Set([
    ...tasks.added,
    ...tasks.changed
      .filter(({ fields }) => fields.some((field) => ANOTHER_THING.includes(field)))
      .map(({ name }) => name),
  ]);
  const eachChanged = new Set(groups.filter(({ fields }) => fields.includes("each")).map(({ name }) => name));
  const old = new Map(before.manifest.tasks.map(({ name }, place) => [name, eachOf(before, place)]));
  const anew = new Set<number>();
  const readers = after.tasks.map(() => [] as number[]);
  after.tasks.forEach(({ downstream }, from) => downstream.forEach(({ task }) => readers[task]!.push(from)));
  for (const place of after.order) {
    const { name } = after.manifest.tasks[place]!;
    const each = eachOf(after, place);
    const isOther = other.has(name) || old.get(name) !== each || eachChanged.has(each ?? "");
    if (isOther || readers[place]!.some((from) => anew.has(from))) anew.add(place);
  }
  return anew;
}

/** The name of the group whose elements it runs for. */
function eachOf({ tasks, manifest }: Graph, place: number): string | null {
  const each = tasks[place]?.each ?? null;
  return each === null ? null : manifest.groups[each]!.name;
}
