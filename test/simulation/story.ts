import type { Violation } from "./invariant.ts";
import type { Trace } from "./trace.ts";

/** How a world went. */
export interface Story {
  readonly seed: number;
  readonly steps: number;
  readonly runs: number;
  readonly commits: number;
  readonly engines: number;
  readonly violation: Violation | null;
  readonly trace: Trace;
}

/** What there is in a world beside runs by hand. */
export interface WorldOptions {
  /** Default: false. */
  readonly schedules?: boolean;
  /** Its schedules come with them. Default: false. */
  readonly backfills?: boolean;
  /** Default: false. */
  readonly alerts?: boolean;
  readonly events?: boolean;
  /** Files and polls; its events come with them. Default: false. */
  readonly sources?: boolean;
  /** One of its workflows is a flow. Default: false. */
  readonly flows?: boolean;
  readonly limits?: boolean;
  /** Some of its tasks set up what others use. Default: false. */
  readonly resources?: boolean;
  /** Some of its tasks take values that others have made. Default: false. */
  readonly cache?: boolean;
  /** Its events come with them. Default: false. */
  readonly people?: boolean;
  /** Some of its tasks call other workflows, of which there are three. Default: false. */
  readonly calls?: boolean;
}
