import { describe, expect, test } from "vitest";
import { sampleGroup, sampleRun, sampleVersion, T0 } from "../store-samples.ts";
import { DAY, RUN, type StoreFixture } from "./store-fixture.ts";

export function versionFacts(db: StoreFixture): void {
  const tagged = (name: string, tags: readonly string[]) => {
    const version = sampleVersion(name, ["a"], "1", { latest: true });
    return { ...version, manifest: { ...version.manifest, tags } };
  };

  describe("tags", () => {
    test("workflows are found by one of the tags of their latest version", async () => {
      await db.store.registerVersion(tagged("daily", ["finance", "a \u0000 b"]));
      await db.store.registerVersion(tagged("hourly", ["ops"]));
      expect(await db.reader.listTagged(["ops", "finance"])).toEqual(["daily", "hourly"]);
      expect(await db.reader.listTagged(["a \u0000 b"])).toEqual(["daily"]);
      expect(await db.reader.listTagged(["fin", ""])).toEqual([]);
    });
  });

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
      expect(await db.reader.latestVersion("sales")).toEqual(second);
      await db.store.registerVersion(sampleVersion("sales", ["a", "b", "c"], "1", { latest: true }));
      expect(await db.store.latestVersion("sales")).toEqual(db.version);
      expect(await db.store.latestVersion("nothing")).toBeNull();
    });

    test("versions are listed newest first, page by page, with the latest and who still runs it", async () => {
      const second = await db.store.registerVersion(sampleVersion("sales", ["a"], "2", { latest: true }));
      const third = await db.store.registerVersion(sampleVersion("sales", ["a"], "3"));
      await db.store.registerVersion(sampleVersion("other", ["a"]));
      await db.commit(sampleGroup(RUN, 0, { create: sampleRun(RUN, second.id) }));

      const page = await db.reader.listVersions("sales", { limit: 2 });
      expect(page).toEqual([
        { ...third, latest: false, unfinishedRuns: 0 },
        { ...second, latest: true, unfinishedRuns: 1 },
      ]);
      expect(await db.reader.listVersions("sales", { limit: 2, before: second.id })).toEqual([
        { ...db.version, latest: false, unfinishedRuns: 0 },
      ]);
      expect(await db.reader.listVersions("nothing", { limit: 2 })).toEqual([]);
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
