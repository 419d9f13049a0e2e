import { describe, expect, test } from "vitest";
import type { StoreReader } from "../../store/reader.ts";
import type { VersionRecord } from "../../store/store.ts";
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

    test("runs of many workflows and states are the newest of all of them, a page at a time", async () => {
      const states = ["succeeded", "failed", "running"] as const;
      const names = Array.from({ length: 12 }, (_, number) => `team_${number}`);
      const versions: VersionRecord[] = [];
      for (const name of names) versions.push(await db.store.registerVersion(sampleVersion(name, ["a"])));
      const groups = Array.from({ length: 60 }, (_, place) => {
        const [id, state] = [sampleRunId(place + 1), states[(place + 1) % 3]!];
        const create = sampleRun(id, versions[(place * 7) % 12]!.id);
        return sampleGroup(id, 0, { create, run: { state, ...(state !== "running" && { endedAt: T0 }) } });
      });
      await db.commit(...groups);
      const wanted = Array.from({ length: 60 }, (_, place) => 60 - place).filter((number) => number % 3 !== 0);
      const found: number[] = [];
      for (let before: string | undefined; ; before = sampleRunId(found.at(-1)!)) {
        const page = { workflow: names, states: ["running", "failed"], limit: 7 } as const;
        const runs = await db.reader.listRuns({ ...page, ...(before !== undefined && { before }) });
        found.push(...runs.map(({ id }) => Number(id.slice(4))));
        if (runs.length < 7) break;
      }
      expect(found).toEqual(wanted);
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

    test("the head of a run is how it is now, without its task runs", async () => {
      await db.startRun();
      await db.commit(sampleGroup(RUN, 1, { run: { cancelRequested: true } }));

      expect(await db.reader.runHead(RUN)).toEqual({ run: (await db.load()).run, counts: { running: 1 } });
      expect(await db.reader.runHead(sampleRunId(2))).toBeNull();
      expect(await db.reader.runHead("nothing")).toBeNull();
    });

    test("workflows are listed with their latest version, their counters and their last run", async () => {
      await db.store.registerVersion(sampleVersion("empty", ["a"]));
      await db.startRun(sampleRunId(1));
      await db.startRun(sampleRunId(2));
      await db.commit(sampleGroup(sampleRunId(1), 1, { run: { state: "succeeded", endedAt: T0 } }));

      expect(await db.reader.listWorkflows()).toEqual([
        {
          name: "empty",
          version: "empty/a/1",
          file: "pipelines/empty.ts",
          deployed: false,
          retired: false,
          paused: null,
          counts: {},
          lastRun: null,
        },
        {
          name: "sales",
          version: db.version.hash,
          file: "pipelines/sales.ts",
          deployed: false,
          retired: false,
          paused: null,
          counts: { running: 1, succeeded: 1 },
          lastRun: { id: sampleRunId(2), state: "running", createdAt: T0 },
        },
      ]);
    });
  });
}
