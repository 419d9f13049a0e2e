import type { StandardSchemaV1 } from "@standard-schema/spec";
import type { WorkflowManifest } from "../core/manifest.ts";
import type { TaskDefinition } from "./definition.ts";
import type { AlertReceivers } from "./alert-options.ts";
import type { CheckFunction } from "./check.ts";
import type { TriggerFunctions } from "./event-trigger.ts";

/** A workflow after its body ran: the data, and the user's functions that the data names by place. */
export interface BuiltWorkflow {
  readonly manifest: WorkflowManifest;
  /** By place in `manifest.tasks`. */
  readonly bodies: readonly TaskBody[];
  /** By place of the `pick` call. */
  readonly picks: readonly ((value: unknown) => unknown)[];
  /** By place in `manifest.triggers`. */
  readonly triggers: readonly TriggerFunctions[];
  readonly params: StandardSchemaV1 | null;
  /** Of a flow: what its body may run, by place in `manifest.tasks`. Absent: its graph stands. */
  readonly runnable?: ReadonlyMap<TaskDefinition, number>;
  /** Whom the workflow tells of alerts; those of a task stand with its body. */
  readonly receivers: AlertReceivers | null;
}

export interface TaskBody {
  readonly fn: (input: never, ctx: never) => unknown;
  /** The `error` of each retry rule, by its place in `retries.on`. */
  readonly retryOn: readonly RetryMatcher[];
  readonly receivers: AlertReceivers | null;
  /** By place in the task's `checks`. */
  readonly checks?: readonly CheckFunction[];
}

export type RetryMatcher = string | (new (...args: never[]) => Error) | ((error: Error) => boolean);
