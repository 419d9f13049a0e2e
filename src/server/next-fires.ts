import { type Instant, systemClock } from "../core/clock.ts";
import type { WorkflowManifest } from "../core/manifest.ts";
import { nextFire } from "../owner/next-fire.ts";
import type { ScheduleRecord } from "../store/schedules.ts";

interface Known {
  readonly facts: string;
  readonly next: Instant | null;
}

/** By the manifest, and the schedules that it is about. */
const known = new WeakMap<WorkflowManifest, Map<string, Known>>();

/** As `nextFire`, of some of a version's schedules: worked out anew when one of them has moved, or its moment has passed. */
export function knownNextFire(
  manifest: WorkflowManifest,
  records: readonly ScheduleRecord[],
  now: Instant = systemClock.now(),
): Instant | null {
  const names = records.map(({ name }) => name).join("\n");
  const facts = JSON.stringify(
    records.map(({ revision, enabledSince, unfinished }) => [revision, enabledSince, unfinished]),
  );
  const its = known.get(manifest) ?? new Map<string, Known>();
  known.set(manifest, its);
  const before = its.get(names);
  if (before?.facts === facts && (before.next === null || before.next > now)) return before.next;
  const schedules = manifest.schedules.filter(({ name }) => records.some((record) => record.name === name));
  const next = nextFire(records.length === 0 ? manifest : { ...manifest, schedules }, records, now);
  its.set(names, { facts, next });
  return next;
}
