import { systemClock } from "../../core/clock.ts";
import { toErrorData } from "../../core/error-data.ts";
import type { Engine } from "../../engine/engine.ts";
import { cancelHeld } from "../../engine/firing/cancel-held.ts";
import { unlessEnded } from "../../engine/firing/engine-starter.ts";
import { type BackfillStarter, reopenWith } from "../../engine/backfill/backfill-starter.ts";
import type { RunStarter } from "../../engine/firing/run-starter.ts";
import { RUNS_CHANNEL } from "../../engine/wake-up-channels.ts";
import type { Config } from "../../loader/config.ts";
import type { StorePlace } from "../../loader/config-store.ts";
import type { Store } from "../../store/store.ts";
import type { WakeUps } from "../../store/wake-ups.ts";
import { openInbox } from "../open-store.ts";
import type { CancelOptions } from "../run-session.ts";
import { askApart, parseApart } from "./accept-run.ts";

export interface FleetStarterDeps {
  readonly engine: Engine;
  /** It runs tasks, too: it has children that know the code. */
  readonly works: boolean;
  readonly config: Config;
  readonly place: StorePlace;
  readonly store: Store;
  readonly wakeUps: WakeUps;
  readonly notice: (text: string) => void;
}

/** The engine of one of several schedulers: what it does not hold, others do. */
export function fleetStarter({
  engine,
  works,
  config,
  place,
  store,
  wakeUps,
  notice,
}: FleetStarterDeps): RunStarter & BackfillStarter {
  return {
    get scheduler() {
      return engine.scheduler;
    },
    parse: (version, params) =>
      works ? engine.parse(version, params) : parseApart(store, config, version, params, notice),
    ask: (version, question) =>
      works ? engine.askTrigger(version, question) : askApart(store, config, version, question, notice),
    begin: (run, version) => engine.begin(run, version),
    async take() {
      wakeUps.notify(RUNS_CHANNEL);
      engine.look();
    },
    reopen: (runId, request) => reopenWith(engine, runId, request),
    async cancel(runId) {
      if (await cancelHeld(store, runId, systemClock.now())) return;
      const [run] = await store.fleet.readRuns([runId]);
      try {
        await unlessEnded(engine.cancel(runId));
      } catch (error) {
        if (toErrorData(error).code !== "RUN_HELD_ELSEWHERE") throw error;
        await leaveCancel(place, runId, { generation: run?.generation });
        wakeUps.notify(RUNS_CHANNEL);
      }
    },
  };
}

async function leaveCancel(place: StorePlace, runId: string, options: CancelOptions): Promise<void> {
  const inbox = await openInbox(place);
  try {
    await inbox.addCommand({ kind: "cancel", runId, payload: JSON.stringify(options), createdAt: systemClock.now() });
  } finally {
    await inbox.close();
  }
}
