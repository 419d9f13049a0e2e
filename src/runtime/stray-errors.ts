import { currentAttempt } from "./current-attempt.ts";

/**
 * A rejection nobody handled, or a throw in a callback, is the failure of the task in whose async context it happened, and ends nothing else.
 * What belongs to no task that still runs goes to `unclaimed`. Gives back how to undo it.
 */
export function chargeStrayErrors(unclaimed: (thrown: unknown) => void): () => void {
  const charge = (thrown: unknown): void => {
    if (!currentAttempt.getStore()?.failWith(thrown)) unclaimed(thrown);
  };
  process.on("unhandledRejection", charge);
  process.on("uncaughtException", charge);
  return () => void process.off("unhandledRejection", charge).off("uncaughtException", charge);
}
