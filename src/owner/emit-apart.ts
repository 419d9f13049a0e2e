import { scheduleClock } from "../engine/firing/schedule-clock.ts";
import type { GivenEvent } from "../core/event.ts";
import { Events } from "../engine/events/events.ts";
import type { HeardEvent } from "../engine/events/publisher.ts";
import { newRunId } from "../engine/firing/engine-starter.ts";
import type { Config } from "../loader/config.ts";
import type { Store } from "../store/store.ts";
import { wallClock } from "../store/wall-clock.ts";
import { askApart, parseApart } from "./fleet/accept-run.ts";

export interface EmitDeps {
  readonly store: Store;
  readonly config: Config;
  readonly notice: (text: string) => void;
}

/** Records an event, and the runs that it starts, which wait in `queued` for whoever advances runs. Users' functions are asked in a process of their own. */
export function emitApart(
  { store, config, notice }: EmitDeps,
  uid: string,
  event: GivenEvent,
): Promise<readonly HeardEvent[]> {
  const events = new Events({
    store,
    clock: scheduleClock(wallClock),
    starter: {
      scheduler: undefined,
      parse: (version, params) => parseApart(store, config, version, params, notice),
      ask: (version, question) => askApart(store, config, version, question, notice),
      async begin() {},
      async take() {},
      async cancel() {},
    },
    newId: newRunId,
    notice,
    onStarted() {},
  });
  return events.publish(uid, event);
}
