import type { Instant } from "../../core/clock.ts";
import { toErrorData } from "../../core/error-data.ts";
import type { Engine } from "../engine.ts";
import { type BackfillStarter, reopenWith } from "../backfill/backfill-starter.ts";
import { RunIds } from "../run-ids.ts";
import type { RunStarter } from "./run-starter.ts";

const ids = new RunIds();

export const newRunId = (now: Instant): string => ids.next(now);

/** The engine of a store that has no other. */
export const engineStarter = (engine: Engine): RunStarter & BackfillStarter => ({
  scheduler: undefined,
  parse: (version, params) => engine.parse(version, params),
  ask: (version, question) => engine.askTrigger(version, question),
  begin: (run, version) => engine.begin(run, version),
  async take(runIds) {
    for (const runId of runIds) await unlessEnded(engine.resume(runId));
  },
  cancel: (runId) => unlessEnded(engine.cancel(runId)),
  reopen: (runId, request) => reopenWith(engine, runId, request),
});

/** It ended by itself meanwhile. */
export async function unlessEnded(done: Promise<void>): Promise<void> {
  try {
    await done;
  } catch (error) {
    if (toErrorData(error).code !== "RUN_ENDED") throw error;
  }
}
