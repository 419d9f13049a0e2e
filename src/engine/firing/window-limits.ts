import type { Overlap, WorkflowManifest } from "../../core/manifest.ts";
import type { DecidedWindow } from "../../core/schedule-owed.ts";
import type { AdmissionLimits } from "../../store/schedules.ts";
import type { VersionRecord } from "../../store/store.ts";

/** What holds back the runs of a workflow's windows. */
export interface WindowLimits extends AdmissionLimits {
  readonly overlap: Overlap;
  /** A new run waits until it is let in. */
  readonly holds: boolean;
}

export function limitsOf({ manifest, taskIds }: Pick<VersionRecord, "manifest" | "taskIds">): WindowLimits {
  const maxActive = manifest.maxActiveRuns ?? null;
  const past = taskIds.filter((_, place) => dependsOnPast(manifest, place));
  return { maxActive, past, overlap: manifest.overlap ?? "queue", holds: maxActive !== null || past.length > 0 };
}

/**
 * Windows that get no run because too many are at work: with `skip` those for which there is no room, with `cancel_running` all
 * but the last that fit. `active`: runs of windows that have not ended.
 */
export function withOverlap(
  decided: readonly DecidedWindow[],
  { maxActive, overlap }: WindowLimits,
  active: number,
): readonly DecidedWindow[] {
  if (maxActive === null || overlap === "queue") return decided;
  const runs = decided.filter(({ state }) => state === "run");
  const fits = overlap === "skip" ? runs.slice(0, Math.max(0, maxActive - active)) : runs.slice(-maxActive);
  const kept = new Set(fits);
  return decided.map((one) => (one.state === "run" && !kept.has(one) ? { ...one, state: "passed_over" } : one));
}

const dependsOnPast = ({ tasks }: WorkflowManifest, place: number): boolean => tasks[place]?.dependsOnPast === true;
