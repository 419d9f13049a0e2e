import type { Source, WorkflowManifest } from "./manifest.ts";

/** The groups around, innermost first. */
export function enclosing(manifest: WorkflowManifest, group: number | null): number[] {
  const around: number[] = [];
  for (let g = group; g !== null; g = manifest.groups[g]?.parent ?? null) around.push(g);
  return around;
}

export const isMappedOutput = (manifest: WorkflowManifest, list: Source): boolean =>
  list.kind === "output" && isMappedTask(manifest, list.task);

export function isMappedTask(manifest: WorkflowManifest, ordinal: number): boolean {
  const task = manifest.tasks[ordinal];
  if (!task) return false;
  return task.map !== null || enclosing(manifest, task.group).some((g) => manifest.groups[g]?.each);
}

/** Whether it reads the element of the `group.each` around it. */
export function usesElement(source: Source): boolean {
  switch (source.kind) {
    case "element":
      return true;
    case "maybe":
    case "pick":
      return usesElement(source.of);
    case "firstOf":
      return source.of.some(usesElement);
    case "object":
      return Object.values(source.fields).some(usesElement);
    case "list":
      return source.items.some(usesElement);
    default:
      return false;
  }
}

/** The tasks whose output a source reads. */
export function outputs(source: Source): number[] {
  switch (source.kind) {
    case "output":
    case "settled":
      return [source.task];
    case "maybe":
    case "pick":
      return outputs(source.of);
    case "firstOf":
      return source.of.flatMap(outputs);
    case "object":
      return Object.values(source.fields).flatMap(outputs);
    case "list":
      return source.items.flatMap(outputs);
    default:
      return [];
  }
}
