import { systemClock } from "../../core/clock.ts";
import type { ControlRequest } from "../../engine/control-request.ts";
import type { Engine } from "../../engine/engine.ts";
import { RUNS_CHANNEL } from "../../engine/wake-up-channels.ts";
import type { StorePlace } from "../../loader/config-store.ts";
import type { LimitHolder } from "../../store/limits.ts";
import type { WakeUps } from "../../store/wake-ups.ts";
import { openInbox } from "../open-store.ts";
import { ousting } from "../ousting.ts";

/** Ends a task run of whichever scheduler, so that one here finds room. */
export async function oust(
  engine: Engine,
  place: StorePlace,
  wakeUps: WakeUps,
  { runId, task, mapIndex }: LimitHolder,
): Promise<void> {
  if (await ousting(engine, runId, task, mapIndex)) return;
  const request: ControlRequest = { kind: "cancel_task", task, ...(mapIndex !== null && { index: mapIndex }) };
  const inbox = await openInbox(place);
  try {
    await inbox.addCommand({
      kind: "control",
      runId,
      payload: JSON.stringify(request),
      createdAt: systemClock.now(),
    });
  } finally {
    await inbox.close();
  }
  wakeUps.notify(RUNS_CHANNEL);
}
