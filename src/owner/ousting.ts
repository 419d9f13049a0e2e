import type { Engine } from "../engine/engine.ts";

/** Ends a task run, so that another one finds room. That it has ended by itself meanwhile is as good. Answers false where another scheduler advances its run. */
export async function ousting(engine: Engine, runId: string, task: string, mapIndex: number | null): Promise<boolean> {
  try {
    await engine.control(runId, { kind: "cancel_task", task, ...(mapIndex !== null && { index: mapIndex }) });
  } catch (error) {
    return (error as { code?: string }).code !== "RUN_HELD_ELSEWHERE";
  }
  return true;
}
