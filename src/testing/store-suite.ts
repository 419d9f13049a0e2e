import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { CommandInbox } from "../store/command-inbox.ts";
import type { StoreReader } from "../store/reader.ts";
import type { RunGroup, Store, VersionRecord } from "../store/store.ts";
import { StoreModel } from "./store-model.ts";
import { finished, queued, running, sampleAttempt, sampleGroup, sampleRun, sampleRunId, sampleVersion, T0 } from "./store-samples.ts";
import { groupOf, storeSteps } from "./store-steps.ts";

export interface OpenedStore {
  readonly store: Store;
  readonly reader: Omit<StoreReader, "close">;
  readonly inbox: Pick<CommandInbox, "addCommand">;
}

/** One database in one test. `open` after `close` finds what was written before. */
export interface StoreDatabase {
  open(): Promise<OpenedStore>;
  close(): Promise<void>;
}

const RUN = sampleRunId(1);
const DAY = 86_400_000_000;
/** Stands for the ids of a dropped group: higher than any that a store gives. */
const NO_ID = 2 ** 50;

/** What every store must do, whatever the database. Runs once per store. */
export function storeSuite(name: string, makeDatabase: () => Promise<StoreDatabase>): void {
  describe(name, () => {
    let database: StoreDatabase;
    let opened: OpenedStore;
    let version: VersionRecord;
    let tasks: readonly number[];

    const commit = (...groups: RunGroup[]) => opened.store.commit(groups);
    const applied = async (...groups: RunGroup[]) => (await commit(...groups)).map((result) => result.applied);
    const load = async (runId = RUN) => (await opened.store.loadRun(runId))!;
    const taskRun = async (id: number) => (await load()).taskRuns.find((row) => row.id === id)!;
    const reopen = async () => {
      await database.close();
      opened = await database.open();
    };
    /** A run with one task run, claimed: claim 1, revision 1. */
    const startRun = async (runId = RUN, more: Partial<RunGroup> = {}) => {
      const [result] = await commit(sampleGroup(runId, 0, { create: sampleRun(runId, version.id), inserts: [running(tasks[0]!)], ...more }));
      return result!.ids[0]!;
    };

    beforeEach(async () => {
      database = await makeDatabase();
      opened = await database.open();
      version = await opened.store.registerVersion(sampleVersion("sales", ["a", "b", "c"]));
      tasks = version.taskIds;
    });
    afterEach(() => database.close());

    describe("versions", () => {
      test("the same hash twice is one version", async () => {
        const again = await opened.store.registerVersion(sampleVersion("sales", ["a", "b", "c"], "1", { createdAt: T0 + DAY }));

        expect(again).toEqual(version);
        expect(await opened.store.getVersion(version.id)).toEqual(version);
      });

      test("a task keeps its id from version to version, wherever it stands", async () => {
        const next = await opened.store.registerVersion(sampleVersion("sales", ["new", "c", "a"]));

        expect(next.taskIds.slice(1)).toEqual([tasks[2], tasks[0]]);
        expect(tasks).not.toContain(next.taskIds[0]);
      });

      test("two workflows with equal task names share no task", async () => {
        const other = await opened.store.registerVersion(sampleVersion("stock", ["a", "b", "c"]));

        expect(other.taskIds.some((id) => tasks.includes(id))).toBe(false);
      });

      test("the latest version is the newest, until one is registered as the latest", async () => {
        const second = await opened.store.registerVersion(sampleVersion("sales", ["a"], "2", { latest: true }));
        await opened.store.registerVersion(sampleVersion("sales", ["a"], "3"));

        expect(await opened.store.latestVersion("sales")).toEqual(second);
        await opened.store.registerVersion(sampleVersion("sales", ["a", "b", "c"], "1", { latest: true }));
        expect(await opened.store.latestVersion("sales")).toEqual(version);
        expect(await opened.store.latestVersion("nothing")).toBeNull();
      });

      test("a bundle comes back as it was", async () => {
        expect(await opened.store.getBundle(version.bundleHash)).toEqual({ hash: version.bundleHash, code: "export default 1", map: null });
        expect(await opened.store.getBundle("none")).toBeNull();
      });

      test("a name is data, whatever characters it has", async () => {
        const odd = "it's; drop table run;-- \u0000 ä 🎻";
        const record = await opened.store.registerVersion(sampleVersion(odd, [odd, " "]));

        expect((await opened.store.latestVersion(odd))?.id).toBe(record.id);
        expect(record.taskIds).toHaveLength(2);
      });
    });

    describe("runs", () => {
      test("a run comes back as it was made", async () => {
        const run = sampleRun(RUN, version.id, { paramsInput: '["in"]', params: '["out"]', paramsLists: { regions: { length: 2 } } });
        await commit(sampleGroup(RUN, 0, { create: run }));

        expect((await load()).run).toEqual({ ...run, workflow: "sales", revision: 1, cancelRequested: false, startedAt: null, endedAt: null });
        expect(await opened.store.loadRun("nothing")).toBeNull();
      });

      test("a run is created once", async () => {
        await startRun();

        expect(await applied(sampleGroup(RUN, 0, { create: sampleRun(RUN, version.id), inserts: [running(tasks[1]!)] }))).toEqual([false]);
        expect((await load()).taskRuns).toHaveLength(1);
      });

      test("the revision rises with every group, and a decision on an older one is dropped", async () => {
        const id = await startRun();
        expect(await applied(sampleGroup(RUN, 1, { changes: [finished(id, 1)] }))).toEqual([true]);

        expect(await applied(sampleGroup(RUN, 1, { run: { cancelRequested: true }, inserts: [queued(tasks[1]!)] }))).toEqual([false]);
        const { run, taskRuns } = await load();
        expect([run.revision, run.cancelRequested, taskRuns.length]).toEqual([2, false, 1]);
      });

      test("an ended run is no longer unfinished, and a new generation opens it again", async () => {
        await startRun();
        await startRun(sampleRunId(0));
        expect(await opened.store.unfinishedRuns()).toEqual([sampleRunId(0), RUN]);

        await commit(sampleGroup(RUN, 1, { run: { state: "failed", endedAt: T0 + 5 } }));
        expect(await opened.store.unfinishedRuns()).toEqual([sampleRunId(0)]);

        await commit(sampleGroup(RUN, 2, { run: { state: "queued", generation: 2, endedAt: null } }));
        expect((await load()).run).toMatchObject({ state: "queued", generation: 2, endedAt: null });
        expect(await opened.store.unfinishedRuns()).toHaveLength(2);
      });

      test("a step that the run's state table does not have is refused, and nothing is written", async () => {
        await startRun();
        await commit(sampleGroup(RUN, 1, { run: { state: "succeeded", endedAt: T0 } }));

        await expect(commit(sampleGroup(RUN, 2, { run: { state: "running" } }))).rejects.toThrow('cannot go from "succeeded" to "running"');
        expect((await load()).run).toMatchObject({ state: "succeeded", revision: 2 });
      });
    });

    describe("groups", () => {
      test("a stale group is dropped whole and costs another run nothing", async () => {
        const ids = [await startRun(sampleRunId(0)), await startRun(sampleRunId(1)), await startRun(sampleRunId(2))];

        const results = await commit(
          ...ids.map((id, run) =>
            sampleGroup(sampleRunId(run), 1, {
              inserts: [queued(tasks[1]!), queued(tasks[2]!)],
              // The claim of the second is one that it never had, and it fails after its first change was written.
              changes: run === 1 ? [finished(id, 1), finished(id, 2)] : [finished(id, 1)],
            }),
          ),
        );

        expect(results.map((result) => [result.applied, result.ids.length])).toEqual([[true, 2], [false, 0], [true, 2]]);
        expect((await load(sampleRunId(1))).taskRuns).toMatchObject([{ id: ids[1], state: "running" }]);
        const { taskRuns } = await load(sampleRunId(2));
        expect(taskRuns.map((row) => [row.id, row.state]).toSorted()).toEqual([[ids[2], "succeeded"], ...results[2]!.ids.map((id) => [id, "queued"])].toSorted());
      });

      test("a stale group keeps its run out of the counters of the workflow", async () => {
        await startRun();
        await startRun(sampleRunId(2));
        await commit(
          sampleGroup(RUN, 1, { run: { state: "failed", endedAt: T0 }, changes: [finished(1, 99)] }),
          sampleGroup(sampleRunId(2), 1, { run: { state: "succeeded", endedAt: T0 } }),
        );

        expect((await opened.reader.listWorkflows())[0]).toMatchObject({ counts: { running: 1, succeeded: 1 } });
      });

      test("an id is given once, also after a reopen and after a dropped group", async () => {
        const first = await startRun();
        await commit(sampleGroup(RUN, 1, { inserts: [queued(tasks[1]!)], changes: [finished(first, 7)] }));
        await reopen();

        const [result] = await commit(sampleGroup(RUN, 1, { inserts: [queued(tasks[1]!), queued(tasks[2]!)] }));

        expect(new Set([first, ...result!.ids]).size).toBe(3);
      });

      test("a place in a run is taken once", async () => {
        await startRun();

        expect(await applied(sampleGroup(RUN, 1, { inserts: [queued(tasks[0]!)] }))).toEqual([false]);
        expect(await applied(sampleGroup(RUN, 1, { inserts: [queued(tasks[0]!, { mapIndex: 0 }), queued(tasks[0]!, { mapIndex: 1 })] }))).toEqual([true]);
      });

      test("ten thousand rows go in with one group and come back", async () => {
        await startRun();
        const inserts = Array.from({ length: 10_000 }, (_, mapIndex) => queued(tasks[1]!, { mapIndex }));
        const [result] = await commit(sampleGroup(RUN, 1, { inserts }));

        const { taskRuns } = await load();
        expect(taskRuns).toHaveLength(10_001);
        expect(new Set(result!.ids).size).toBe(10_000);
        expect((await opened.reader.listRuns({ limit: 1 }))[0]?.counts).toEqual({ running: 1, queued: 10_000 });
      });
    });

    describe("fencing", () => {
      test("a worker that lost the task run cannot finish it", async () => {
        const id = await startRun();
        await commit(sampleGroup(RUN, 1, { changes: [{ id, claim: 1, kind: "requeue", from: "running", losses: 1, at: T0 + 3 }] }));
        await commit(sampleGroup(RUN, 2, { changes: [{ id, claim: 1, kind: "claim", worker: "w2", at: T0 + 4 }] }));

        expect(await applied(sampleGroup(RUN, 3, { changes: [finished(id, 1)] }))).toEqual([false]);
        expect(await taskRun(id)).toMatchObject({ state: "running", claim: 2, worker: "w2", losses: 1, hasOutput: false });
        expect(await applied(sampleGroup(RUN, 3, { changes: [finished(id, 2)] }))).toEqual([true]);
      });

      test("a task run that waits to be claimed again cannot be finished under its last claim", async () => {
        const id = await startRun();
        await commit(sampleGroup(RUN, 1, { changes: [{ id, claim: 1, kind: "requeue", from: "running", losses: 1, at: T0 + 3 }] }));

        expect(await applied(sampleGroup(RUN, 2, { changes: [finished(id, 1)] }))).toEqual([false]);
        expect(await taskRun(id)).toMatchObject({ state: "queued", claim: 1 });
      });

      test("a task run ends once", async () => {
        const id = await startRun();
        await commit(sampleGroup(RUN, 1, { changes: [finished(id, 1)] }));

        expect(await applied(sampleGroup(RUN, 2, { changes: [finished(id, 1, { state: "failed" })] }))).toEqual([false]);
        expect(await taskRun(id)).toMatchObject({ state: "succeeded" });
      });

      test("a change in the group of another run matches nothing", async () => {
        const id = await startRun();
        await startRun(sampleRunId(2));

        expect(await applied(sampleGroup(sampleRunId(2), 1, { changes: [finished(id, 1)] }))).toEqual([false]);
      });

      test("a step that the task run's state table does not have is refused before anything is written", async () => {
        const id = await startRun();
        const decide = { id, claim: 1, kind: "decide", from: "succeeded", to: "failed", at: T0, error: null, skipReason: null } as const;

        await expect(commit(sampleGroup(RUN, 1, { changes: [finished(id, 1), decide] }))).rejects.toThrow('cannot go from "succeeded" to "failed"');
        expect(await taskRun(id)).toMatchObject({ state: "running" });
      });

      test("a retried task run keeps its claim rising through a new generation", async () => {
        const id = await startRun();
        await commit(sampleGroup(RUN, 1, { changes: [{ id, claim: 1, kind: "retry", attempt: 2, dueAt: T0 + 9, error: { name: "Error", message: "no" } }] }));
        expect(await taskRun(id)).toMatchObject({ state: "up_for_retry", attempt: 2, dueAt: T0 + 9, error: { message: "no" } });

        await commit(sampleGroup(RUN, 2, { changes: [{ id, claim: 1, kind: "requeue", from: "up_for_retry", losses: 0, at: T0 + 9 }] }));
        await commit(sampleGroup(RUN, 3, { changes: [{ id, claim: 1, kind: "claim", worker: "w1", at: T0 + 9 }] }));
        await commit(sampleGroup(RUN, 4, { changes: [finished(id, 2)] }));
        await commit(sampleGroup(RUN, 5, { changes: [{ id, claim: 2, kind: "reopen", from: "succeeded", generation: 2, groupRetries: [1], discarded: 1, at: T0 }] }));

        expect(await taskRun(id)).toMatchObject({ state: "waiting", claim: 2, attempt: 1, generation: 2, groupRetries: [1], discarded: 1, hasOutput: false, error: null });
      });
    });

    describe("outputs and history", () => {
      test("an output, its lists and a branch's arms come back; a task run without one has none", async () => {
        const inline = await startRun();
        const [result] = await commit(sampleGroup(RUN, 1, { inserts: [running(tasks[1]!), running(tasks[2]!)] }));
        const [frame, none] = result!.ids as [number, number];
        await commit(
          sampleGroup(RUN, 2, {
            changes: [
              finished(inline, 1, { output: { kind: "inline", text: '["ä"]' }, arms: ["bulk"], lists: { out: { length: 4 } } }),
              finished(frame, 1, { output: { kind: "frame", uri: "artifact:1", bytes: 300_000 } }),
              finished(none, 1, { output: null }),
            ],
          }),
        );

        expect(await opened.store.readOutputs([inline, frame, none, 9_999])).toEqual(
          new Map([
            [inline, { value: { kind: "inline", text: '["ä"]' }, lists: { out: { length: 4 } } }],
            [frame, { value: { kind: "frame", uri: "artifact:1", bytes: 300_000 }, lists: null }],
          ]),
        );
        expect(await taskRun(inline)).toMatchObject({ hasOutput: true, arms: ["bulk"], lists: { out: { length: 4 } } });
        expect([(await taskRun(frame)).hasOutput, (await taskRun(none)).hasOutput]).toEqual([true, false]);
      });

      test("attempts are appended in order, with those of rows that the same group inserted", async () => {
        const id = await startRun();
        await commit(sampleGroup(RUN, 1, { attempts: [sampleAttempt({ id }, version.id, { outcome: "lost", error: { name: "Error", message: "gone" } })] }));
        const skip = queued(tasks[1]!, { state: "skipped", mapIndex: 3, endedAt: T0, skipReason: "no rows" });
        await commit(
          sampleGroup(RUN, 2, {
            inserts: [skip],
            attempts: [sampleAttempt({ insert: 0 }, version.id, { outcome: "skipped", claim: 0 }), sampleAttempt({ id }, version.id, { claim: 2, waitedFor: 7 })],
          }),
        );

        const attempts = await opened.reader.attempts(RUN);
        expect(attempts.map((attempt) => [attempt.task, attempt.mapIndex, attempt.outcome])).toEqual([["a", null, "lost"], ["b", 3, "skipped"], ["a", null, "succeeded"]]);
        expect(attempts[0]).toMatchObject({ taskRunId: id, error: { name: "Error", message: "gone" }, versionId: version.id });
        expect(attempts[2]).toMatchObject({ claim: 2, waitedFor: 7 });
      });
    });

    describe("drawers", () => {
      test("a drawer is written only under the claim that runs", async () => {
        const id = await startRun();
        const to = { drawer: "state", taskRunId: id, key: "job" } as const;

        expect(await applied(sampleGroup(RUN, 1, { drawers: [{ taskRunId: id, claim: 1, to, value: "1" }] }))).toEqual([true]);
        expect(await applied(sampleGroup(RUN, 2, { drawers: [{ taskRunId: id, claim: 2, to, value: "2" }] }))).toEqual([false]);
        expect(await opened.store.readDrawer(to)).toBe("1");

        await commit(sampleGroup(RUN, 2, { changes: [finished(id, 1)] }));
        expect(await applied(sampleGroup(RUN, 3, { drawers: [{ taskRunId: id, claim: 1, to, value: "3" }] }))).toEqual([false]);
      });

      test("memory belongs to the task across runs; null deletes", async () => {
        const to = { drawer: "memory", taskId: tasks[0]!, key: "high water" } as const;
        const first = await startRun();
        await commit(sampleGroup(RUN, 1, { drawers: [{ taskRunId: first, claim: 1, to, value: "10" }] }));
        const second = await startRun(sampleRunId(2));
        expect(await opened.store.readDrawer(to)).toBe("10");

        await commit(sampleGroup(sampleRunId(2), 1, { drawers: [{ taskRunId: second, claim: 1, to, value: null }] }));
        expect(await opened.store.readDrawer(to)).toBeNull();
      });

      test("throwing a success away empties the state drawer; retrying a failure keeps it", async () => {
        const id = await startRun();
        const to = { drawer: "state", taskRunId: id, key: "job" } as const;
        const reopened = (from: "failed" | "succeeded", claim: number) => ({ id, claim, kind: "reopen", from, generation: 2, groupRetries: [], discarded: 0, at: T0 }) as const;
        await commit(sampleGroup(RUN, 1, { drawers: [{ taskRunId: id, claim: 1, to, value: "1" }], changes: [finished(id, 1, { state: "failed" })] }));
        await commit(sampleGroup(RUN, 2, { changes: [reopened("failed", 1)] }));
        expect(await opened.store.readDrawer(to)).toBe("1");

        await commit(sampleGroup(RUN, 3, { changes: [{ id, claim: 1, kind: "decide", from: "waiting", to: "queued", at: T0, error: null, skipReason: null }] }));
        await commit(sampleGroup(RUN, 4, { changes: [{ id, claim: 1, kind: "claim", worker: "w", at: T0 }] }));
        await commit(sampleGroup(RUN, 5, { changes: [finished(id, 2)] }));
        await commit(sampleGroup(RUN, 6, { changes: [reopened("succeeded", 2)] }));
        expect(await opened.store.readDrawer(to)).toBeNull();
      });
    });

    describe("reading", () => {
      test("runs are listed newest first, by workflow and state, page by page, with their counters", async () => {
        const stock = await opened.store.registerVersion(sampleVersion("stock", ["a"]));
        for (let run = 1; run <= 5; run += 1) await startRun(sampleRunId(run));
        await commit(sampleGroup(sampleRunId(6), 0, { create: sampleRun(sampleRunId(6), stock.id, { state: "queued" }) }));
        await commit(sampleGroup(sampleRunId(2), 1, { run: { state: "failed", endedAt: T0 } }));

        const numbers = async (query: Parameters<StoreReader["listRuns"]>[0]) => (await opened.reader.listRuns(query)).map((run) => Number(run.id.slice(4)));
        expect(await numbers({ limit: 10 })).toEqual([6, 5, 4, 3, 2, 1]);
        expect(await numbers({ limit: 2, before: sampleRunId(5) })).toEqual([4, 3]);
        expect(await numbers({ limit: 10, workflow: "sales" })).toEqual([5, 4, 3, 2, 1]);
        expect(await numbers({ limit: 3, states: ["failed", "queued", "running"] })).toEqual([6, 5, 4]);
        expect(await numbers({ limit: 10, workflow: "sales", states: ["failed", "queued"] })).toEqual([2]);
        expect(await numbers({ limit: 10, workflow: "none" })).toEqual([]);
        expect((await opened.reader.listRuns({ limit: 1, workflow: "sales" }))[0]).toMatchObject({ workflow: "sales", version: version.hash, counts: { running: 1 } });
      });

      test("a run is found by any unique prefix", async () => {
        await startRun(sampleRunId(12));
        await startRun(sampleRunId(13));

        expect(await opened.reader.findRun(sampleRunId(13).toUpperCase())).toBe(sampleRunId(13));
        await expect(opened.reader.findRun(sampleRunId(13).slice(0, 25))).rejects.toMatchObject({ code: "RUN_ID_AMBIGUOUS" });
        for (const prefix of ["", "zz", "%", "01k2'"]) await expect(opened.reader.findRun(prefix)).rejects.toMatchObject({ code: "RUN_NOT_FOUND" });
      });

      test("the detail of a run has its task runs by place in the manifest and map index, tasks that are gone last", async () => {
        const gone = await opened.store.registerVersion(sampleVersion("sales", ["old"]));
        await startRun(RUN, { inserts: [running(gone.taskIds[0]!), queued(tasks[2]!), queued(tasks[1]!, { mapIndex: 10 }), running(tasks[1]!, { mapIndex: 9 })] });
        const nine = (await load()).taskRuns.find((row) => row.mapIndex === 9)!;
        await commit(sampleGroup(RUN, 1, { changes: [finished(nine.id, 1)] }));

        const detail = (await opened.reader.runDetail(RUN))!;
        expect(detail.taskRuns.map((row) => [row.task, row.mapIndex])).toEqual([["b", 9], ["b", 10], ["c", null], ["old", null]]);
        expect(detail.taskRuns[0]).toMatchObject({ state: "succeeded", output: { kind: "inline", text: "[1]" } });
        expect(detail).toMatchObject({ run: { id: RUN, revision: 2 }, version: { hash: version.hash }, counts: { succeeded: 1, queued: 2, running: 1 } });
        expect((await opened.reader.runDetail(RUN, { outputs: false }))!.taskRuns[0]).toMatchObject({ hasOutput: true, output: null });
        expect(await opened.reader.runDetail("nothing")).toBeNull();
      });

      test("workflows are listed with their latest version, their counters and their last run", async () => {
        await opened.store.registerVersion(sampleVersion("empty", ["a"]));
        await startRun(sampleRunId(1));
        await startRun(sampleRunId(2));
        await commit(sampleGroup(sampleRunId(1), 1, { run: { state: "succeeded", endedAt: T0 } }));

        expect(await opened.reader.listWorkflows()).toEqual([
          { name: "empty", version: "empty/a/1", file: "pipelines/empty.ts", counts: {}, lastRun: null },
          {
            name: "sales",
            version: version.hash,
            file: "pipelines/sales.ts",
            counts: { running: 1, succeeded: 1 },
            lastRun: { id: sampleRunId(2), state: "running", createdAt: T0 },
          },
        ]);
      });
    });

    describe("commands", () => {
      test("a command stays until it is removed, and its number is never given again", async () => {
        const cancel = { kind: "cancel", runId: RUN, payload: null, createdAt: T0 };
        const first = await opened.inbox.addCommand(cancel);
        const second = await opened.inbox.addCommand({ ...cancel, kind: "retry", payload: "{}" });

        expect(await opened.store.pendingCommands(10)).toEqual([{ ...cancel, id: first }, { ...cancel, kind: "retry", payload: "{}", id: second }]);
        expect(await opened.store.pendingCommands(1)).toHaveLength(1);
        await opened.store.removeCommands([first, second]);
        expect(await opened.store.pendingCommands(10)).toEqual([]);
        expect(await opened.inbox.addCommand(cancel)).toBeGreaterThan(second);
      });
    });

    describe("retention", () => {
      const end = (runId: string, endedAt: number) => sampleGroup(runId, 1, { run: { state: "succeeded", endedAt } });
      const pruneAll = async (endedBefore: number) => {
        const runs: string[] = [];
        for (;;) {
          const batch = await opened.store.prune({ endedBefore, limit: 2 });
          runs.push(...batch.runs);
          if (!batch.more) return runs;
        }
      };

      test("ended runs of before go with all that is theirs; unfinished and younger ones stay", async () => {
        const state = { drawer: "state", taskRunId: 0, key: "k" } as const;
        const ids: number[] = [];
        for (let run = 1; run <= 6; run += 1) {
          const id = await startRun(sampleRunId(run), { attempts: [sampleAttempt({ insert: 0 }, version.id)] });
          ids.push(id);
          const drawers = [{ taskRunId: id, claim: 1, to: { ...state, taskRunId: id }, value: "1" }];
          if (run !== 2) await commit({ ...end(sampleRunId(run), run === 6 ? T0 + DAY : T0 + run), drawers });
        }

        expect(await pruneAll(T0 + DAY)).toEqual([1, 3, 4, 5].map(sampleRunId));
        expect(await opened.store.loadRun(sampleRunId(1))).toBeNull();
        expect(await opened.reader.attempts(sampleRunId(1))).toEqual([]);
        expect(await opened.store.readOutputs([ids[0]!])).toEqual(new Map());
        expect(await opened.store.readDrawer({ ...state, taskRunId: ids[0]! })).toBeNull();
        expect(await opened.store.readDrawer({ ...state, taskRunId: ids[5]! })).toBe("1");
        expect((await opened.reader.listRuns({ limit: 10 })).map((run) => run.id)).toEqual([sampleRunId(6), sampleRunId(2)]);
        expect((await opened.reader.listWorkflows())[0]?.counts).toEqual({ running: 1, succeeded: 1 });
        expect(await opened.reader.attempts(sampleRunId(6))).toHaveLength(1);
      });

      test("a run that was opened again is unfinished", async () => {
        await startRun();
        await commit(end(RUN, T0));
        await commit(sampleGroup(RUN, 2, { run: { state: "queued", generation: 2, endedAt: null } }));

        expect(await pruneAll(T0 + DAY)).toEqual([]);
      });

      test("ids and numbers of pruned rows are not given again, also after a reopen", async () => {
        const id = await startRun();
        await commit(end(RUN, T0));
        await pruneAll(T0 + DAY);
        await reopen();

        expect(await startRun(sampleRunId(2))).toBeGreaterThan(id);
      });

      test("versions that nothing refers to go, with their bundles; the latest, the newest and those of runs stay", async () => {
        const edition = (name: string, more = {}) => opened.store.registerVersion(sampleVersion("stock", ["a"], name, more));
        const old = await edition("old");
        const latest = await edition("latest", { latest: true });
        const pinnedBefore = await edition("pinned before");
        const pinned = await edition("pinned");
        await edition("used again");
        await edition("used again", { createdAt: T0 + 2 * DAY });
        const newest = await edition("newest");
        await commit(sampleGroup(RUN, 0, { create: sampleRun(RUN, pinnedBefore.id) }));
        await commit(sampleGroup(RUN, 1, { run: { versionId: pinned.id } }));

        const { versions, bundles } = await opened.store.prune({ endedBefore: T0 + DAY });

        expect([versions, bundles]).toEqual([1, 1]);
        expect(await opened.store.getVersion(old.id)).toBeNull();
        expect(await opened.store.getBundle(old.bundleHash)).toBeNull();
        for (const kept of [latest, pinnedBefore, pinned, newest, version]) expect(await opened.store.getVersion(kept.id)).toEqual(kept);
      });
    });

    test("property: whatever order groups come in, also stale ones, the store holds what the model holds", async () => {
      let round = 0;
      await fc.assert(
        fc.asyncProperty(storeSteps, async (steps) => {
          // Runs of its own instead of a database of its own: opening one costs more than all the steps.
          const model = new StoreModel();
          const target = { model, firstRun: (round += 1) * 1_000, versionId: version.id, taskIds: tasks };
          for (const step of steps) {
            if (step.kind === "reopen") await reopen();
            else await commitAndCompare(model, step.groups.map((drawn) => groupOf(drawn, target)));
          }
          for (const runId of model.runs.keys()) await compare(model, runId);
        }),
        { numRuns: 150 },
      );
    }, 60_000);

    async function commitAndCompare(model: StoreModel, groups: readonly RunGroup[]): Promise<void> {
      const results = await opened.store.commit(groups);
      groups.forEach((group, place) => {
        const { applied: isApplied, ids } = results[place]!;
        expect([place, isApplied]).toEqual([place, model.apply(group, ids[0] ?? NO_ID)]);
        expect(ids).toHaveLength(isApplied ? group.inserts.length : 0);
      });
    }

    async function compare(model: StoreModel, runId: string): Promise<void> {
      const expected = model.runs.get(runId)!;
      const { run, taskRuns } = await load(runId);
      expect(run.revision).toBe(expected.revision);
      const byId = [...expected.rows.values()].map(({ output: _, ...row }) => row).toSorted((a, b) => a.id - b.id);
      expect([...taskRuns].toSorted((a, b) => a.id - b.id)).toEqual(byId);
      const outputs = await opened.store.readOutputs(byId.map((row) => row.id));
      for (const row of expected.rows.values()) expect(outputs.get(row.id)?.value ?? null).toEqual(row.output);
      expect((await opened.reader.runDetail(runId))!.counts).toEqual(model.counts(runId));
      expect(await opened.reader.attempts(runId)).toHaveLength(expected.attempts);
    }
  });
}
