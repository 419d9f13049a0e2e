import type { Reason } from "../../core/explanation.ts";
import type { RunRecord, VersionRecord } from "../../store/store.ts";
import type { ExplainReader } from "./explain-run.ts";

const MANY = 1_000;

/** Why a run that was recorded has not begun. */
export async function explainHeld(
  reader: ExplainReader,
  run: RunRecord,
  { manifest }: VersionRecord,
): Promise<readonly Reason[]> {
  const { workflow } = run;
  const summary = (await reader.listWorkflows()).find(({ name }) => name === workflow);
  const [head] = await reader.listRuns({ workflow, states: ["queued"], limit: 1, before: `${run.id}~` });
  const isHeld = head?.id === run.id && head.held;
  if (!isHeld) return [];
  const atWork = (await reader.listRuns({ workflow, states: ["running"], limit: MANY })).length;
  return [
    {
      kind: "run_queued",
      paused: summary?.paused ?? null,
      atWork,
      maxActiveRuns: manifest.maxActiveRuns ?? null,
      dependsOnPast: manifest.tasks.filter(({ dependsOnPast }) => dependsOnPast === true).map(({ name }) => name),
    },
  ];
}
