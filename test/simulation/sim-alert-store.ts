import type { Alerts } from "../../src/store/alerts.ts";
import type { SqliteStore } from "../../src/store/sqlite/sqlite-store.ts";
import type { SimStore } from "./sim-store.ts";
import type { World } from "./world.ts";

/** The alerts of a store, asked and answered over the same wire as everything else. */
export const simAlertStore = (store: SimStore, real: SqliteStore, world: World): Alerts => ({
  add: (alerts) => store.ask("add alerts", true, () => real.alerts.add(alerts)),
  claim: (query) => store.ask("claim alerts", true, () => real.alerts.claim(query)),
  delivered: (alert, at) =>
    store.ask(`alert ${alert.id} was told`, true, async () => {
      const done = await real.alerts.delivered(alert, at);
      if (done) world.parts.alerts?.recorded(alert.id);
      return done;
    }),
  undelivered: (alert, failure) =>
    store.ask(`alert ${alert.id} was not told`, true, () => real.alerts.undelivered(alert, failure)),
  again: (id) => store.ask(`alert ${id} again`, true, () => real.alerts.again(id)),
  takeOver: () =>
    store.ask("take over the alerts", true, async () => {
      if (!world.database) await real.alerts.takeOver();
    }),
  durations: (workflow, limit) => store.ask("read durations", false, () => real.alerts.durations(workflow, limit)),
  lostSchedulers: () => store.ask("look for lost schedulers", false, () => real.alerts.lostSchedulers()),
});

/** Who finds no alert that is due has written nothing. */
export const isNoAlert = (result: unknown): boolean =>
  (result as { alerts?: readonly unknown[] } | null)?.alerts?.length === 0;
