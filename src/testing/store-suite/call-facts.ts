import { describe, expect, test } from "vitest";
import { addMs } from "../../core/clock.ts";
import { MAX_WINDOW_MS } from "../../store/calls.ts";
import { finished, sampleGroup, sampleRun, sampleRunId, sampleVersion, T0 } from "../store-samples.ts";
import { RUN, type StoreFixture } from "./store-fixture.ts";

export function callFacts(db: StoreFixture): void {
  describe("runs that task runs ask for", () => {
    const DAY_MS = 86_400_000;
    const OTHER = sampleRunId(77);
    const cause = { trigger: "ctx.runWorkflow", events: [], chain: ["caller"] };
    const end = (runId: string, revision: number, state: "succeeded" | "failed") =>
      db.commit(sampleGroup(runId, revision, { run: { state, startedAt: T0, endedAt: T0 + 9 } }));

    test("one is recorded once, with why there is one", async () => {
      const run = sampleRun(OTHER, db.version.id, { trigger: "run", state: "queued" });
      expect(await db.store.calls.start(run, cause)).toBe(true);
      expect(await db.store.calls.start(run, cause)).toBe(false);
      expect(await db.store.calls.head(OTHER)).toEqual({ state: "queued", versionId: db.version.id });
      const loaded = await db.store.loadRun(OTHER);
      expect(loaded!.run).toMatchObject({ trigger: "run", cause: JSON.stringify(cause), revision: 1 });
      expect(await db.store.unfinishedRuns()).toContain(OTHER);
      expect(await db.store.calls.head(sampleRunId(78))).toBeNull();
    });

    test("the end of a run is an event from then on that somebody follows its workflow", async () => {
      const { workflow } = db.version;
      const mark = await db.store.events.mark();
      await db.startRun();
      await end(RUN, 1, "failed");
      expect((await db.store.events.emitted(workflow, mark)).events).toEqual([]);

      await db.store.calls.follow(workflow);
      await db.store.calls.follow(workflow);
      await db.store.calls.start(sampleRun(OTHER, db.version.id), cause);
      await end(OTHER, 1, "succeeded");

      const { events } = await db.store.events.emitted(workflow, mark);
      expect(events.map(({ kind, payload }) => [kind, JSON.parse(payload ?? "null")])).toEqual([
        ["run", { runId: OTHER, state: "succeeded" }],
      ]);
      expect(await db.store.events.pending(10)).toHaveLength(1);
    });

    test("a workflow is followed by its name, whatever characters that has", async () => {
      const name = 'back\\slash "and" more';
      const { id } = await db.store.registerVersion(sampleVersion(name, ["a"]));
      const mark = await db.store.events.mark();
      await db.store.calls.follow(name);
      await db.store.calls.start(sampleRun(OTHER, id), cause);
      await end(OTHER, 1, "failed");

      const { events } = await db.store.events.emitted(name, mark);
      expect(events.map((event) => [event.kind, event.name])).toEqual([["run", name]]);
      expect(await db.store.events.pending(10)).toMatchObject([{ kind: "run", name }]);
    });

    test("what its tasks returned is read by task, and what failed first is named", async () => {
      const id = await db.startRun();
      const [a, b] = db.tasks as [number, number];
      const output = { kind: "inline", text: "[7]" } as const;
      await db.commit(sampleGroup(RUN, 1, { changes: [finished(id, 1, { output })] }));
      expect(await db.store.calls.results(RUN, [a, b], 10)).toMatchObject([{ taskId: a, mapIndex: -1, output }]);
      expect(await db.store.calls.results(RUN, [b], 10)).toEqual([]);
      expect(await db.store.calls.firstFailed(RUN)).toBeNull();

      const error = { name: "Error", message: "broken" };
      const insert = {
        taskId: b,
        mapIndex: null,
        state: "failed" as const,
        claim: 1 as const,
        attempt: 1,
        generation: 1,
      };
      const times = { worker: "w", queuedAt: T0, claimedAt: T0, endedAt: T0 + 4, skipReason: null };
      await db.commit(sampleGroup(RUN, 2, { inserts: [{ ...insert, ...times, error }] }));
      expect(await db.store.calls.firstFailed(RUN)).toMatchObject({ taskId: b, error });
    });

    test("runs are found by the windows that they touch", async () => {
      const { workflow } = db.version;
      const run = sampleRun(OTHER, db.version.id);
      const start = run.intervalStart;
      const found = async (from: number, to: number) =>
        (await db.store.calls.runsIn(workflow, { start: addMs(start, from), end: addMs(start, to) })).map(
          ({ id }) => id,
        );
      const width = { ...run, intervalEnd: addMs(start, DAY_MS) };
      await db.store.calls.start(width, cause);

      expect(await found(0, DAY_MS)).toEqual([OTHER]);
      expect(await found(DAY_MS / 2, DAY_MS / 2)).toEqual([OTHER]);
      expect(await found(2 * DAY_MS, 3 * DAY_MS)).toEqual([]);
      expect(await found(-2 * DAY_MS, -DAY_MS)).toEqual([]);
      expect(await found(MAX_WINDOW_MS + 1, MAX_WINDOW_MS + 2)).toEqual([]);
      expect(await db.store.calls.runsIn("nowhere", { start, end: start })).toEqual([]);
    });
  });
}
