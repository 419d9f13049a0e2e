import { TuttiError } from "../core/errors.ts";
import type { RunState } from "../core/run-state.ts";

/** What was asked of it as it was before is not done twice, nor to what it is now. */
export const openedAgain = (runId: string): TuttiError =>
  new TuttiError(
    "RUN_NOT_ENDED",
    `Run "${runId}" was opened again by somebody else just now, so nothing more was done to it. See how it is: tutti runs`,
  );

/** `is`: how it is, as the sentence goes on. */
export const runNotEnded = (runId: string, is: string): TuttiError =>
  new TuttiError(
    "RUN_NOT_ENDED",
    `Run "${runId}" is ${is}; only an ended run can be retried. Cancel it first: tutti cancel ${runId}`,
  );

export const runEnded = (runId: string, state: RunState): TuttiError =>
  new TuttiError(
    "RUN_ENDED",
    `Run "${runId}" has already ended: ${state}. To run it again from its failed tasks: tutti retry ${runId}`,
  );

export const nothingToRetry = (runId: string): TuttiError =>
  new TuttiError(
    "NOTHING_TO_RETRY",
    `Run "${runId}" has succeeded: there is no failed task to start from. To run all of it again: tutti retry ${runId} --fresh`,
  );
