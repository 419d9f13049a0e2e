import { describe, expect, test } from "vitest";
import { sampleVersion, T0 } from "../store-samples.ts";
import { DAY, type StoreFixture } from "./store-fixture.ts";

export function versionFacts(db: StoreFixture): void {
  describe("versions", () => {
    test("the same hash twice is one version", async () => {
      const again = await db.store.registerVersion(
        sampleVersion("sales", ["a", "b", "c"], "1", { createdAt: T0 + DAY }),
      );

      expect(again).toEqual(db.version);
      expect(await db.store.getVersion(db.version.id)).toEqual(db.version);
    });

    test("a task keeps its id from version to version, wherever it stands", async () => {
      const next = await db.store.registerVersion(sampleVersion("sales", ["new", "c", "a"]));

      expect(next.taskIds.slice(1)).toEqual([db.tasks[2], db.tasks[0]]);
      expect(db.tasks).not.toContain(next.taskIds[0]);
    });

    test("two workflows with equal task names share no task", async () => {
      const other = await db.store.registerVersion(sampleVersion("stock", ["a", "b", "c"]));

      expect(other.taskIds.some((id) => db.tasks.includes(id))).toBe(false);
    });

    test("the latest version is the newest, until one is registered as the latest", async () => {
      const second = await db.store.registerVersion(sampleVersion("sales", ["a"], "2", { latest: true }));
      await db.store.registerVersion(sampleVersion("sales", ["a"], "3"));

      expect(await db.store.latestVersion("sales")).toEqual(second);
      await db.store.registerVersion(sampleVersion("sales", ["a", "b", "c"], "1", { latest: true }));
      expect(await db.store.latestVersion("sales")).toEqual(db.version);
      expect(await db.store.latestVersion("nothing")).toBeNull();
    });

    test("a bundle comes back as it was", async () => {
      expect(await db.store.getBundle(db.version.bundleHash)).toEqual({
        hash: db.version.bundleHash,
        code: "export default 1",
        map: null,
      });
      expect(await db.store.getBundle("none")).toBeNull();
    });

    test("a name is data, whatever characters it has", async () => {
      const odd = "it's; drop table run;-- \u0000 ä 🎻";
      const record = await db.store.registerVersion(sampleVersion(odd, [odd, " "]));

      expect((await db.store.latestVersion(odd))?.id).toBe(record.id);
      expect(record.taskIds).toHaveLength(2);
    });
  });
}
