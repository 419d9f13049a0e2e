import type { ErrorData } from "../core/errors.ts";
import type { Finished } from "../runtime/protocol.ts";
import type { NewResult } from "../store/fleet.ts";

/** Nothing is known about what became of the task. `counts`: as a loss of its; not when its worker was told to stop. */
export interface Lost {
  readonly kind: "lost";
  readonly taskRunId: number;
  readonly claim: number;
  readonly error: ErrorData;
  readonly counts: boolean;
}

/** What a worker-only process says about an execution, once: how it ended. Its drawers are written at once and need no message. */
export type ResultMessage = Finished | Lost;

/** As a row of the inbox. Task run and claim are columns of it, because they fence it. */
export function encodeResult(runId: string, worker: string, message: ResultMessage): NewResult {
  const { taskRunId, claim, ...rest } = message;
  return { runId, taskRunId, claim, payload: JSON.stringify({ ...rest, worker }) };
}

/** `null`: a worker of a later release says something that this one does not know. */
export function decodeResult({
  taskRunId,
  claim,
  payload,
}: Pick<NewResult, "taskRunId" | "claim" | "payload">): (ResultMessage & { readonly worker: string }) | null {
  const message = JSON.parse(payload) as ResultMessage & { readonly worker: string };
  return message.kind === "finished" || message.kind === "lost" ? { ...message, taskRunId, claim } : null;
}
