import type { StandardSchemaV1 } from "@standard-schema/spec";
import type { WorkflowManifest } from "../core/manifest.ts";

/** A workflow after its body ran: the data, and the user's functions that the data names by place. */
export interface BuiltWorkflow {
  readonly manifest: WorkflowManifest;
  /** By place in `manifest.tasks`. */
  readonly bodies: readonly TaskBody[];
  /** By place of the `pick` call. */
  readonly picks: readonly ((value: unknown) => unknown)[];
  readonly params: StandardSchemaV1 | null;
}

export interface TaskBody {
  readonly fn: (input: never, ctx: never) => unknown;
  /** The `error` of each retry rule, by its place in `retries.on`. */
  readonly retryOn: readonly RetryMatcher[];
}

export type RetryMatcher = string | (new (...args: never[]) => Error) | ((error: Error) => boolean);
