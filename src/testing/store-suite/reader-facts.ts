import { describe, expect, test } from "vitest";
import type { StoreReader } from "../../store/reader.ts";
import { finished, queued, running, sampleGroup, sampleRun, sampleRunId, sampleVersion, T0 } from "../store-samples.ts";
import { RUN, type StoreFixture } from "./store-fixture.ts";

export function readerFacts(db: StoreFixture): void {
  describe("reading", () => {
    test("runs are listed newest first, by workflow and state, page by page, with their counters", async () => {
      const stock = await db.store.registerVersion(sampleVersion("stock", ["a"]));
      for (let run = 1; run <= 5; run += 1) await db.startRun(sampleRunId(run));
      await db.commit(
        sampleGroup(sampleRunId(6), 0, { create: sampleRun(sampleRunId(6), stock.id, { state: "queued" }) }),
      );
      await db.commit(sampleGroup(sampleRunId(2), 1, { run: { state: "failed", endedAt: T0 } }));

      const numbers = async (query: Parameters<StoreReader["listRuns"]>[0]) =>
        (await db.reader.listRuns(query)).map((run) => Number(run.id.slice(4)));
      expect(await numbers({ limit: 10 })).toEqual([6, 5, 4, 3, 2, 1]);
      expect(await numbers({ limit: 2, before: sampleRunId(5) })).toEqual([4, 3]);
      expect(await numbers({ limit: 10, workflow: "sales" })).toEqual([5, 4, 3, 2, 1]);
      expect(await numbers({ limit: 3, states: ["failed", "queued", "running"] })).toEqual([6, 5, 4]);
      expect(await numbers({ limit: 10, workflow: "sales", states: ["failed", "queued"] })).toEqual([2]);
      expect(await numbers({ limit: 10, workflow: "none" })).toEqual([]);
      expect((await db.reader.listRuns({ limit: 1, workflow: "sales" }))[0]).toMatchObject({
        workflow: "sales",
        version: db.version.hash,
        counts: { running: 1 },
      });
    });

    test("a run is found by any unique prefix", async () => {
      await db.startRun(sampleRunId(12));
      await db.startRun(sampleRunId(13));

      expect(await db.reader.findRun(sampleRunId(13).toUpperCase())).toBe(sampleRunId(13));
      await expect(db.reader.findRun(sampleRunId(13).slice(0, 25))).rejects.toMatchObject({ code: "RUN_ID_AMBIGUOUS" });
      for (const prefix of ["", "zz", "%", "01k2'"])
        await expect(db.reader.findRun(prefix)).rejects.toMatchObject({ code: "RUN_NOT_FOUND" });
    });

    test("the detail of a run has its task runs by place in the manifest and map index, tasks that are gone last", async () => {
      const gone = await db.store.registerVersion(sampleVersion("sales", ["old"]));
      await db.startRun(RUN, {
        inserts: [
          running(gone.taskIds[0]!),
          queued(db.tasks[2]!),
          queued(db.tasks[1]!, { mapIndex: 10 }),
          running(db.tasks[1]!, { mapIndex: 9 }),
        ],
      });
      const nine = (await db.load()).taskRuns.find((row) => row.mapIndex === 9)!;
      await db.commit(sampleGroup(RUN, 1, { changes: [finished(nine.id, 1)] }));

      const detail = (await db.reader.runDetail(RUN))!;
      expect(detail.taskRuns.map((row) => [row.task, row.mapIndex])).toEqual([
        ["b", 9],
        ["b", 10],
        ["c", null],
        ["old", null],
      ]);
      expect(detail.taskRuns[0]).toMatchObject({ state: "succeeded", output: { kind: "inline", text: "[1]" } });
      expect(detail).toMatchObject({
        run: { id: RUN, revision: 2 },
        version: { hash: db.version.hash },
        counts: { succeeded: 1, queued: 2, running: 1 },
      });
      expect((await db.reader.runDetail(RUN, { outputs: false }))!.taskRuns[0]).toMatchObject({
        hasOutput: true,
        output: null,
      });
      expect(await db.reader.runDetail("nothing")).toBeNull();
    });

    test("workflows are listed with their latest version, their counters and their last run", async () => {
      await db.store.registerVersion(sampleVersion("empty", ["a"]));
      await db.startRun(sampleRunId(1));
      await db.startRun(sampleRunId(2));
      await db.commit(sampleGroup(sampleRunId(1), 1, { run: { state: "succeeded", endedAt: T0 } }));

      expect(await db.reader.listWorkflows()).toEqual([
        { name: "empty", version: "empty/a/1", file: "pipelines/empty.ts", counts: {}, lastRun: null },
        {
          name: "sales",
          version: db.version.hash,
          file: "pipelines/sales.ts",
          counts: { running: 1, succeeded: 1 },
          lastRun: { id: sampleRunId(2), state: "running", createdAt: T0 },
        },
      ]);
    });
  });
}
