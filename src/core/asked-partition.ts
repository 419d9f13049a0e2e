import { type BackfillWindow, backfillWindows, coveredBy } from "./backfill.ts";
import { partitionStretches } from "./backfill-partition.ts";
import type { Instant } from "./clock.ts";
import { TuttiError } from "./errors.ts";
import type { WorkflowManifest } from "./manifest.ts";
import { selectPartitions } from "./partition-selection.ts";
import type { RunWindow } from "./window.ts";
import { ownPartitions, PARTITION_SCHEDULE } from "./workflow-partitions.ts";

/**
 * What a run by hand of one partition covers: the key means what it does in a backfill. Where the workflow's partitions are the windows of its
 * schedule, that is a window, and the run has no key of its own.
 *
 * @throws TuttiError `PARTITION_UNKNOWN`, `PARTITION_NOT_ONE`, `PARTITIONS_NONE`, `PARTITIONS_DIFFER`
 */
export function askedPartition(manifest: WorkflowManifest, key: string, now: Instant): RunWindow {
  const found = partitionsFor(manifest, key, now);
  const first = found.next();
  if (first.done !== true && found.next().done === true) return coveredBy(first.value, now);
  throw new TuttiError(
    "PARTITION_NOT_ONE",
    `${JSON.stringify(key)} is more than one partition, and a run makes one. For several: tutti backfill ${manifest.name} --partition ${JSON.stringify(key)}`,
  );
}

function partitionsFor(manifest: WorkflowManifest, key: string, now: Instant): Generator<BackfillWindow> {
  const all = { from: key, to: key, order: "oldest" } as const;
  const made = ownPartitions(manifest);
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
