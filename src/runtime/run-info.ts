import type { Instant } from "../core/clock.ts";
import type { RunPartition } from "../core/workflow-partitions.ts";

/** Where a child finds the code: `file` is the bundle on this machine's disk. */
export interface VersionInfo {
  readonly hash: string;
  readonly file: string;
  readonly workflow: string;
  /** Hash of the manifest alone: a child whose evaluation yields another graph refuses, and says what differs. */
  readonly manifestHash: string;
}

export interface RunInfo {
  readonly runId: string;
  readonly version: VersionInfo;
  readonly params: string | null;
  readonly interval: { readonly start: Instant; readonly end: Instant };
  readonly date: string;
  readonly trigger: "schedule" | "manual" | "event" | "asset" | "run" | "backfill";
  readonly generation: number;
  readonly backfill: string | null;
  /** Of a run that events have started: which, as JSON. Default: none have. */
  readonly cause?: string | null;
  /** Absent: it makes none. */
  readonly partition?: RunPartition;
}
