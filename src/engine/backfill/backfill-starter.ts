import { toErrorData } from "../../core/error-data.ts";
import type { Engine } from "../engine.ts";
import type { RunStarter } from "../firing/run-starter.ts";
import type { RetryRequest } from "../run-request.ts";

/** Whoever advances the runs of backfills. */
export interface BackfillStarter extends Pick<RunStarter, "parse" | "take" | "cancel"> {
  /** An ended run goes on; one that somebody else has opened meanwhile is left alone. */
  reopen(runId: string, request: RetryRequest): Promise<void>;
}

/** Open already, by a user or by another scheduler. */
const OPEN = new Set(["RUN_NOT_ENDED", "RUN_HELD_ELSEWHERE"]);

export async function reopenWith(engine: Pick<Engine, "retry">, runId: string, request: RetryRequest): Promise<void> {
  try {
    await engine.retry(runId, request);
  } catch (error) {
    if (!OPEN.has(toErrorData(error).code ?? "")) throw error;
  }
}
