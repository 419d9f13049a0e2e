import { TuttiError } from "./errors.ts";
import type { WorkflowManifest } from "./manifest.ts";
import { KEY_SEPARATOR, type PartitionsManifest } from "./partition.ts";
import { dimensionsOf } from "./partition-selection.ts";
import type { ScheduleManifest } from "./schedule.ts";

/** How some of the assets that a workflow makes are cut. */
export interface MadePartitions {
  readonly assets: readonly string[];
  readonly partitions: PartitionsManifest;
}

/** Of the assets that its tasks make and that have partitions; those that are cut alike are one. */
export function partitionsOf({ tasks }: Pick<WorkflowManifest, "tasks">): readonly MadePartitions[] {
  const made = new Set(tasks.flatMap(({ produces = [] }) => produces));
  const found = new Map<string, { readonly assets: Set<string>; readonly partitions: PartitionsManifest }>();
  for (const { name, partitions } of tasks.flatMap(({ assets = [] }) => assets)) {
    if (partitions === undefined || !made.has(name)) continue;
    const alike = JSON.stringify(partitions);
    const known = found.get(alike) ?? { assets: new Set(), partitions };
    found.set(alike, known);
    known.assets.add(name);
  }
  return Array.from(found.values(), ({ assets, partitions }) => ({ assets: [...assets], partitions }));
}

/**
 * How the assets that it makes are cut, where that says more than its windows do; `null`: keys are those of its windows, which stretches of time
 * are where there is a schedule. @throws TuttiError `PARTITIONS_DIFFER`
 */
export function ownPartitions(manifest: Pick<WorkflowManifest, "name" | "schedules" | "tasks">): MadePartitions | null {
  const all = partitionsOf(manifest);
  const own = manifest.schedules.length === 0 ? all : all.filter(({ partitions }) => partitions.kind !== "time");
  if (own.length < 2) return own[0] ?? null;
  const named = own.map(({ assets }) => `"${assets.join('", "')}"`).join("; ");
  throw new TuttiError(
    "PARTITIONS_DIFFER",
    `Workflow "${manifest.name}" makes assets with different partitions: ${named}. One run makes one partition: give them the same, or make them in workflows of their own.`,
  );
}

/** What a run is told of the partition that it makes. */
export interface RunPartition {
  readonly key: string;
  /** Of several dimensions the part of each; empty for partitions of one. */
  readonly dimensions: Readonly<Record<string, string>>;
}

/** From its key as text, and how the code that runs cuts what it makes. */
export function runPartition(manifest: Pick<WorkflowManifest, "tasks">, key: string): RunPartition {
  const parts = key.split(KEY_SEPARATOR);
  for (const { partitions } of partitionsOf(manifest)) {
    const names = dimensionsOf(partitions).map(([name]) => name);
    if (partitions.kind === "multi" && names.length === parts.length)
      return { key, dimensions: Object.fromEntries(names.map((name, place) => [name, parts[place]!])) };
  }
  return { key, dimensions: {} };
}

/**
 * Runs of partitions are recorded as windows of this schedule, which no workflow has and which never fires: a backfill alone makes them.
 * Named so that nobody's own schedule is.
 */
export const PARTITION_SCHEDULE: ScheduleManifest = {
  name: "(partitions)",
  kind: "preset",
  preset: "@once",
  timezone: "UTC",
};
