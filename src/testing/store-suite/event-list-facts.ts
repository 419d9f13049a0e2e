import { describe, expect, test } from "vitest";
import type { NewEvent, RecentQuery } from "../../store/events.ts";
import { T0 } from "../store-samples.ts";
import { RUN, type StoreFixture } from "./store-fixture.ts";

export function eventListFacts(db: StoreFixture): void {
  const record = async (uid: string, more: Partial<NewEvent>) => {
    const nothing = { payload: null, key: null, partition: null, runId: null, at: T0 };
    const event: NewEvent = { uid, kind: "event", name: "orders", ...nothing, ...more };
    await db.store.events.record({ events: [event], starts: [] });
  };
  const listed = async (query: Partial<RecentQuery>) =>
    (await db.reader.listEvents({ limit: 10, ...query })).map(({ name, runId }) => [name, runId]);

  describe("a list of events", () => {
    test("goes by kind, by name, and by the workflow of the run that caused them, the newest first", async () => {
      await db.startRun();
      await record("e1", {});
      await record("e2", { kind: "asset", name: "a" });
      await record("e3", { name: "other" });
      await record("e4", { runId: RUN });
      const all = [
        ["orders", RUN],
        ["other", null],
        ["a", null],
        ["orders", null],
      ];
      expect(await listed({})).toEqual(all);
      expect(await listed({ kind: "asset" })).toEqual([["a", null]]);
      expect(await listed({ name: "orders" })).toEqual([all[0], all[3]]);
      expect(await listed({ workflows: [db.version.workflow] })).toEqual([all[0]]);
      expect(await listed({ name: "orders", workflows: ["feed"] })).toEqual([]);
    });

    test("is read page by page", async () => {
      await db.startRun();
      for (const uid of ["e1", "e2", "e3"]) await record(uid, { runId: RUN });
      for (const query of [{}, { name: "orders" }, { kind: "event" as const, name: "orders" }]) {
        const first = await db.reader.listEvents({ limit: 2, ...query });
        const second = await db.reader.listEvents({ limit: 2, before: first[1]!.id, ...query });
        expect([first.length, second.length]).toEqual([2, 1]);
        expect(second[0]).toMatchObject({ workflow: db.version.workflow, runId: RUN });
      }
    });
  });
}
