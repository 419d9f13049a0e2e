import type { AlertService } from "../engine/alerts/alert-service.ts";
import type { PauseState, Schedules } from "../store/schedules.ts";

export interface AutoPauseDeps {
  readonly schedules: Pick<Schedules, "outcomes">;
  readonly setPaused: (workflow: string, by: string) => Promise<PauseState | null>;
  readonly alerts: Pick<AlertService, "problem"> | null;
  readonly notice: (text: string) => void;
}

/** A run has failed: its workflow is paused where that was the last one of so many in a row. Whoever unpauses it begins to count anew. */
export async function autoPause(deps: AutoPauseDeps, workflow: string, after: number, runId: string): Promise<void> {
  const { schedules, setPaused, alerts, notice } = deps;
  const outcomes = await schedules.outcomes(workflow, after);
  if (outcomes.length < after || outcomes.some((outcome) => outcome !== "failed")) return;
  const state = await setPaused(workflow, `tutti, after ${after} failed ${after === 1 ? "run" : "runs in a row"}`);
  if (state === null || state.unchanged) return;
  const message = `Workflow "${workflow}" was paused after ${after} failed ${after === 1 ? "run" : "runs in a row"}; the last one is ${runId}. Once it is mended: tutti unpause ${workflow}`;
  notice(`${message} [AUTO_PAUSED]`);
  await alerts?.problem({ name: "AutoPaused", code: "AUTO_PAUSED", message }, `paused ${workflow} ${runId}`, workflow);
}
