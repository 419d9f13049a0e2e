import { describe, expect, test } from "vitest";
import type { StoreReader } from "../../store/reader.ts";
import { sampleGroup, sampleRun, sampleRunId, sampleVersion, T0 } from "../store-samples.ts";
import { RUN, type StoreFixture } from "./store-fixture.ts";

export function partitionFacts(db: StoreFixture): void {
  describe("partitions", () => {
    const make = (number: number, partition: string | undefined, versionId = db.version.id) =>
      sampleGroup(sampleRunId(number), 0, {
        create: sampleRun(sampleRunId(number), versionId, partition === undefined ? {} : { partition }),
      });

    test("a run has its partition from the beginning, whatever is written again, until it is pruned", async () => {
      const key = "2025-01-02|apac, \\ ü";
      await db.commit(make(1, key), make(2, undefined));
      expect(await db.applied(make(1, "other"))).toEqual([false]);

      expect((await db.load(RUN)).run.partition).toBe(key);
      expect((await db.load(sampleRunId(2))).run.partition).toBeUndefined();
      expect((await db.reader.runHead(RUN))!.run.partition).toBe(key);
      expect((await db.reader.listRuns({ limit: 9 })).map(({ partition }) => partition)).toEqual([undefined, key]);

      await db.commit(sampleGroup(RUN, 1, { run: { state: "failed", endedAt: T0 } }));
      await db.store.prune({ endedBefore: T0 + 1 });
      expect(await db.reader.listRuns({ limit: 9, partitions: [key] })).toEqual([]);
      await db.commit(make(1, "again"));
      expect((await db.load(RUN)).run.partition).toBe("again");
    });

    test("runs are listed by their partition, newest first, with their workflow and state, page by page", async () => {
      const stock = await db.store.registerVersion(sampleVersion("stock", ["a"]));
      const keys = ["emea", "apac", undefined];
      for (let number = 1; number <= 12; number++)
        await db.commit(make(number, keys[number % 3], number > 8 ? stock.id : undefined));
      await db.commit(sampleGroup(sampleRunId(6), 1, { run: { state: "failed", endedAt: T0 } }));

      const numbers = async (query: Parameters<StoreReader["listRuns"]>[0]) =>
        (await db.reader.listRuns(query)).map((run) => Number(run.id.slice(4)));
      const emea = { limit: 10, partitions: ["emea"] };
      expect(await numbers(emea)).toEqual([12, 9, 6, 3]);
      expect(await numbers({ ...emea, limit: 2, before: sampleRunId(9) })).toEqual([6, 3]);
      expect(await numbers({ ...emea, after: sampleRunId(6) })).toEqual([12, 9]);
      expect(await numbers({ ...emea, workflow: "sales" })).toEqual([6, 3]);
      expect(await numbers({ ...emea, states: ["failed"] })).toEqual([6]);
      expect(await numbers({ ...emea, workflow: ["sales", "stock"], states: ["running"] })).toEqual([12, 9, 3]);
      expect(await numbers({ limit: 3, partitions: ["emea", "apac"] })).toEqual([12, 10, 9]);
      expect(await numbers({ limit: 10, partitions: ["none", "eme", "em\0ea"] })).toEqual([]);
    });
  });
}
