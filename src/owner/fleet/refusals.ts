import { TuttiError } from "../../core/errors.ts";
import type { RunState } from "../../core/run-state.ts";
import type { CommandRefusal } from "../../store/command-inbox.ts";
import type { CommandKind } from "../command-poll.ts";

export const runNotFound = (runId: string): TuttiError =>
  new TuttiError("RUN_NOT_FOUND", `There is no run "${runId}".`);

export const notEnded = (runId: string, state: RunState): TuttiError =>
  new TuttiError(
    "RUN_NOT_ENDED",
    `Run "${runId}" is ${state}; only an ended run can be retried. Cancel it first: tutti cancel ${runId}`,
  );

/** What the engine refuses of what may be asked of a run; anything else is a trouble of its own. */
const TOLD_AS_IT_IS: ReadonlySet<string> = new Set([
  "NOTHING_TO_RETRY",
  "RESOURCE_IN_USE",
  "RUN_CANCELLED",
  "RUN_ENDED",
  "RUN_NOT_ENDED",
  "RUN_NOT_FOUND",
  "TASK_NOT_FOUND",
  "TASK_RUN_ENDED",
  "TASK_RUN_NOT_FOUND",
  "TASK_RUN_RUNNING",
]);

export const refusalOf = ({ code, message }: CommandRefusal, kind: CommandKind, runId: string): TuttiError =>
  code !== null && TOLD_AS_IT_IS.has(code)
    ? new TuttiError(code, message)
    : new TuttiError("COMMAND_REFUSED", `It was refused to ${kind} run "${runId}": ${message}`);

export const commandRefused = (kind: CommandKind, runId: string): TuttiError =>
  new TuttiError(
    "COMMAND_REFUSED",
    `A scheduler refused to ${kind} run "${runId}", which changed at the same moment, or whose code it can't get. See how it is: tutti runs`,
  );
