import type { TaskManifest, WorkflowManifest } from "../../src/core/manifest.ts";
import { outputs } from "../../src/core/source.ts";
import { plainTask } from "../../src/testing/store-samples.ts";

/** The same graph with some of its tasks as setups, for those that read them or come after them, and a teardown for each. */
export function withResources(manifest: WorkflowManifest, isOne: (place: number) => boolean): WorkflowManifest {
  const tasks: TaskManifest[] = [...manifest.tasks];
  const teardowns = new Map<number, number>();
  // The last first: what was set up with the help of another is known when that one is made.
  for (let place = manifest.tasks.length - 1; place >= 0; place--) {
    const task = manifest.tasks[place]!;
    const users = manifest.tasks.flatMap((reader, at) => (uses(reader, place) ? [at] : []));
    const isFit = task.kind === "task" && task.map === null && task.group === null && !isList(manifest, place);
    if (!isFit || users.length === 0 || !isOne(place)) continue;
    tasks[place] = { ...task, kind: "setup" };
    teardowns.set(place, tasks.length);
    tasks.push({
      ...plainTask(`${task.name}_teardown`),
      kind: "teardown",
      input: { kind: "maybe", of: { kind: "output", task: place, path: [] } },
      after: [...users, ...users.flatMap((user) => teardowns.get(user) ?? [])],
      rule: "all_done",
      retries: task.retries,
    });
  }
  return { ...manifest, tasks };
}

/** Nobody may map over what is set up. */
const isList = ({ tasks, groups }: WorkflowManifest, place: number): boolean =>
  [...tasks.flatMap(({ map }) => map?.lists.map(({ list }) => list) ?? []), ...groups.flatMap(({ each }) => each ?? [])]
    .flatMap(outputs)
    .includes(place);

function uses(reader: TaskManifest, place: number): boolean {
  return reader.after.includes(place) || (reader.input !== null && outputs(reader.input).includes(place));
}
