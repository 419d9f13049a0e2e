import { type BackfillWindow, backfillWindows, coveredBy } from "./backfill.ts";
import { partitionStretches } from "./backfill-partition.ts";
import type { Instant } from "./clock.ts";
import { TuttiError } from "./errors.ts";
import type { WorkflowManifest } from "./manifest.ts";
import { KEY_SEPARATOR, type PartitionKey, type PartitionsManifest } from "./partition.ts";
import { dimensionsOf, selectPartitions } from "./partition-selection.ts";
import { checkKey } from "./partition-set.ts";
import type { RunWindow } from "./window.ts";
import { type MadePartitions, ownPartitions, PARTITION_SCHEDULE } from "./workflow-partitions.ts";

/**
 * What a run by hand of one partition covers: the key means what it does in a backfill. Where the workflow's partitions are the windows of its
 * schedule, that is a window, and the run has no key of its own.
 *
 * @throws TuttiError `PARTITION_UNKNOWN`, `PARTITION_NOT_ONE`, `PARTITIONS_NONE`, `PARTITIONS_DIFFER`
 */
export function askedPartition(manifest: WorkflowManifest, key: string, now: Instant): RunWindow {
  const made = ownPartitions(manifest);
  const found = partitionsFor(manifest, made, key, now);
  const first = found.next();
  if (first.done !== true && found.next().done === true) {
    const covered = coveredBy(first.value, now);
    if (made !== null) checkKey(made.partitions, partsOf(made.partitions, covered.partition!), now / 1000);
    return covered;
  }
  throw new TuttiError(
    "PARTITION_NOT_ONE",
    `${JSON.stringify(key)} is more than one partition, and a run makes one. For several: tutti backfill ${manifest.name} --partition ${JSON.stringify(key)}`,
  );
}

function partitionsFor(
  manifest: WorkflowManifest,
  made: MadePartitions | null,
  key: string,
  now: Instant,
): Generator<BackfillWindow> {
  const all = { from: key, to: key, order: "oldest" } as const;
  if (made !== null) {
    const partitions = selectPartitions(made.partitions, key, now / 1000);
    return backfillWindows({ ...all, schedule: PARTITION_SCHEDULE, partitions });
  }
  const [schedule] = manifest.schedules;
  if (schedule !== undefined)
    return backfillWindows({ ...all, schedule, within: partitionStretches(schedule, key).within });
  throw new TuttiError(
    "PARTITIONS_NONE",
    `Workflow "${manifest.name}" has no partitions: no asset that it makes has any, and it has no schedule. Give its asset "partitions", or run it without.`,
  );
}

function partsOf(partitions: PartitionsManifest, text: string): PartitionKey {
  if (partitions.kind !== "multi") return text;
  const parts = text.split(KEY_SEPARATOR);
  return Object.fromEntries(dimensionsOf(partitions).map(([name], place) => [name, parts[place]!]));
}
