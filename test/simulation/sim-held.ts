import type { ErrorData } from "../../src/core/errors.ts";
import type { HostListener } from "../../src/engine/worker-host.ts";
import type { Assignment } from "../../src/runtime/protocol.ts";

/** A task that this host has, from its start to the word that it is over. */
export interface Held {
  readonly assignment: Assignment;
  aborted: boolean;
  /** What its task run had recorded before; `null`: that is still being read. */
  recorded: readonly string[] | null;
}

export type Message = { readonly text: string; readonly tell: (listener: HostListener) => void };

export const keyOf = ({ taskRunId, claim }: { taskRunId: number; claim: number }): string => `${taskRunId}/${claim}`;

export const label = ({ assignment }: Pick<Held, "assignment">): string =>
  `t${assignment.task}${assignment.mapIndex === null ? "" : `[${assignment.mapIndex}]`} of ${assignment.runId.slice(-2)} (${keyOf(assignment)})`;

export const DEAD: ErrorData = { name: "WorkerLost", code: "WORKER_LOST", message: "the worker died" };
export const SILENT: ErrorData = { name: "WorkerLost", code: "WORKER_LOST", message: "the worker was not heard of" };
export const CLOSED: ErrorData = { name: "WorkerClosed", code: "WORKER_CLOSED", message: "the worker was closed" };

/** It says nothing of the claim. */
export const isOfTheStore = (error: Error & { readonly code?: string }): boolean =>
  error.code?.startsWith("STORE_") ?? false;
