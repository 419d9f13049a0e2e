import { expect, test } from "vitest";
import { at, SetClock } from "../../../test/support/firing-world.ts";
import { TuttiError } from "../../core/errors.ts";
import type { TriggerManifest } from "../../core/trigger.ts";
import { openSqliteStore } from "../../store/sqlite/open-sqlite-store.ts";
import { sampleVersion } from "../../testing/store-samples.ts";
import { newRunId } from "../firing/engine-starter.ts";
import { Events } from "./events.ts";
import type { KnownTrigger } from "./known-trigger.ts";

const ORDERS: TriggerManifest = { name: "orders", kind: "event", event: "orders", dedupeForMs: 60_000 };

test("triggers that somebody who emits has read first are followed all the same", async () => {
  const store = await openSqliteStore({ path: ":memory:" });
  const version = sampleVersion("w", ["a"], "1", { latest: true });
  await store.registerVersion({ ...version, manifest: { ...version.manifest, triggers: [ORDERS] } });
  let busy = true;
  const followed: (readonly KnownTrigger[])[] = [];
  const events = new Events({
    store: {
      events: store.events,
      schedules: store.schedules,
      unfinishedRuns: () => store.unfinishedRuns(),
      getVersion: async (id) => {
        if (busy) throw new TuttiError("STORE_BUSY", "not now");
        return store.getVersion(id);
      },
    },
    clock: new SetClock(at("2025-09-01T00:00Z")),
    starter: {
      scheduler: undefined,
      parse: async () => ({ params: null, lists: null }),
      ask: async () => ({ ok: true, matches: false }),
      begin: async () => {},
      take: async () => {},
      cancel: async () => {},
    },
    newId: newRunId,
    notice: () => {},
    onStarted: () => {},
    onKnown: (known) => void followed.push(known),
  });
  events.start();
  await events.settled();
  expect(followed).toEqual([]);
  busy = false;
  await events.publish("one", { kind: "event", name: "orders", payload: null, key: null, partition: null });
  await events.settled();
  expect(followed.map((known) => known.map(({ record }) => record.name))).toEqual([["orders"]]);
  await events.stop();
});
