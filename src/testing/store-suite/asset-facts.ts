import { describe, expect, test } from "vitest";
import { finished, sampleGroup, sampleVersion, T0 } from "../store-samples.ts";
import type { NewEvent } from "../../store/events.ts";
import { DAY, RUN, type StoreFixture } from "./store-fixture.ts";

export function assetFacts(db: StoreFixture): void {
  const assets = () => db.store.assets;
  const event = (uid: string, name: string, more: Partial<NewEvent> = {}): NewEvent => ({
    uid,
    kind: "asset",
    name,
    payload: null,
    key: null,
    partition: null,
    runId: null,
    at: T0,
    ...more,
  });
  const happened = (...events: readonly NewEvent[]) => db.store.events.record({ events, starts: [] });
  const finding = (uid: string, name: string, check: string, status: string, at = T0) =>
    event(uid, name, {
      kind: "check",
      key: check,
      at,
      payload: JSON.stringify({ status, message: null, metadata: { n: 1 }, blocking: false, tookMs: 2 }),
    });

  describe("assets", () => {
    test("an update knows the task and the run that it comes from, once it is recorded with their success", async () => {
      const id = await db.startRun();
      const said = { kind: "asset", name: "lake://a", payload: '{"rows":3}', key: null, partition: "emea", at: T0 + 2 };
      const to = { drawer: "events", taskRunId: id, key: "1 000000" } as const;
      const drawers = [{ taskRunId: id, claim: 1, to, value: JSON.stringify(said) }];
      expect(await assets().names()).toEqual([]);
      await db.commit(sampleGroup(RUN, 1, { changes: [finished(id, 1)], drawers }));
      const update = {
        asset: "lake://a",
        partition: "emea",
        metadata: { rows: 3 },
        at: T0 + 2,
        runId: RUN,
        workflow: "sales",
        task: "a",
        taskRunId: id,
        date: "2025-08-12",
      };
      expect(await assets().updates({ asset: "lake://a", limit: 10 })).toMatchObject([update]);
      expect(await db.reader.assets.latest(["lake://a", "other"])).toMatchObject([update]);
    });

    test("the last update of each is found among all, and those before it page by page", async () => {
      for (const [place, name] of ["b", "a", "b", "c", "b"].entries())
        await happened(event(`e${place}`, name, { at: T0 + place, partition: place === 2 ? "p" : null }));
      expect(await assets().names()).toEqual(["a", "b", "c"]);
      expect((await assets().latest(["b", "a", "z"])).map(({ asset, at }) => [asset, at - T0])).toEqual([
        ["a", 1],
        ["b", 4],
      ]);
      const page = await assets().updates({ asset: "b", limit: 2 });
      expect(page.map(({ at }) => at - T0)).toEqual([4, 2]);
      const next = await assets().updates({ asset: "b", limit: 2, before: page.at(-1)!.id });
      expect(next.map(({ at, runId, task, taskRunId }) => [at - T0, runId, task, taskRunId])).toEqual([
        [0, null, null, null],
      ]);
      expect((await assets().updates({ asset: "b", partition: "p", limit: 9 })).map(({ at }) => at - T0)).toEqual([2]);
    });

    test("of each check, what it found last, and all that it found", async () => {
      await happened(finding("1", "a", "rows", "fail"), finding("2", "a", "fresh", "pass"));
      await happened(finding("3", "a", "rows", "pass", T0 + 1), finding("4", "b", "rows", "warn"));
      const last = await assets().lastFindings(["a", "b", "c"]);
      expect(last.map(({ asset, check, status }) => `${asset} ${check} ${status}`)).toEqual([
        "a fresh pass",
        "a rows pass",
        "b rows warn",
      ]);
      expect(last[1]).toMatchObject({ metadata: { n: 1 }, blocking: false, tookMs: 2, message: null, at: T0 + 1 });
      const all = await assets().findings({ asset: "a", check: "rows", limit: 10 });
      expect(all.map(({ status }) => status)).toEqual(["pass", "fail"]);
      expect(await assets().findings({ asset: "a", runId: RUN, limit: 10 })).toEqual([]);
      expect(await assets().names()).toEqual([]);
    });

    test("retention keeps the last word about an asset and of each of its checks", async () => {
      await happened(
        event("1", "a"),
        event("2", "a"),
        finding("3", "a", "rows", "fail"),
        finding("4", "a", "rows", "pass"),
      );
      await happened(finding("5", "a", "fresh", "pass"));
      expect(await db.store.events.prune(T0 + DAY, 100)).toBe(2);
      expect(await assets().updates({ asset: "a", limit: 10 })).toHaveLength(1);
      const left = await assets().findings({ asset: "a", limit: 10 });
      expect(left.map(({ check, status }) => `${check} ${status}`)).toEqual(["fresh pass", "rows pass"]);
    });

    test("versions that say how old an asset may be are found while they are the latest of a workflow that is not retired", async () => {
      const sample = sampleVersion("feed", ["a"], "one", { latest: true });
      const freshness = { kind: "age", withinMs: 1000 } as const;
      const tasks = sample.manifest.tasks.map((task) => ({ ...task, assets: [{ name: "x", freshness }] }));
      const version = { ...sample, manifest: { ...sample.manifest, tasks } };
      const { id } = await db.store.registerVersion(version);
      expect((await assets().watched()).map((each) => each.id)).toEqual([id]);
      await db.store.registerVersion(sampleVersion("feed", ["a"], "two", { latest: true }));
      expect(await assets().watched()).toEqual([]);
    });
  });
}
