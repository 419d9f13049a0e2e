import { describe, expect, test } from "vitest";
import type { AssetExpression } from "../../core/asset-expression.ts";
import type { StartEvent } from "../../core/event.ts";
import type { TriggerManifest } from "../../core/trigger.ts";
import type { EventStart, NewEvent, SubscriptionRecord } from "../../store/events.ts";
import type { NewVersion } from "../../store/store.ts";
import { finished, sampleGroup, sampleRun, sampleRunId, sampleVersion, T0 } from "../store-samples.ts";
import { DAY, RUN, type StoreFixture } from "./store-fixture.ts";

const ORDERS: TriggerManifest = { name: "orders", kind: "event", event: "orders.received", dedupeForMs: 604_800_000 };
const INBOX: TriggerManifest = { name: "inbox", kind: "poll", everyMs: 1_000, timeoutMs: 1_000 };
const BOTH: AssetExpression = { all: [{ asset: "a" }, { asset: "b" }] };

/** The version of a workflow that hears of these. */
export function hearingVersion(
  name: string,
  triggers: readonly TriggerManifest[],
  more: Partial<NewVersion> = {},
): NewVersion {
  const edition = triggers.map((trigger) => trigger.name).join();
  const version = sampleVersion(name, ["a"], edition, { latest: true, ...more });
  return { ...version, manifest: { ...version.manifest, triggers } };
}

export function eventFacts(db: StoreFixture): void {
  const events = () => db.store.events;
  const only = async (): Promise<SubscriptionRecord> => (await events().subscriptions(["feed"]))[0]!;

  const event = (uid: string, more: Partial<NewEvent> = {}): NewEvent => ({
    uid,
    kind: "event",
    name: "orders.received",
    payload: `{"id":"${uid}"}`,
    key: null,
    partition: null,
    runId: null,
    at: T0,
    ...more,
  });
  const told = ({ kind, name, payload, key, partition, runId, at }: NewEvent): StartEvent => {
    const read: unknown = payload === null ? null : JSON.parse(payload);
    return { kind, name, payload: read, key, partition, runId, at };
  };
  function start(
    { id: subscription, versionId, name }: SubscriptionRecord,
    run: number,
    its: readonly NewEvent[],
    more: Partial<EventStart> = {},
  ): EventStart {
    return {
      subscription,
      versionId,
      events: its.map((_, place) => place),
      key: null,
      assets: null,
      run: sampleRun(sampleRunId(run), versionId, { state: "queued", trigger: "event" }),
      cause: { trigger: name, events: its.map(told), chain: [] },
      held: false,
      room: null,
      whilePaused: "pass_over",
      ...more,
    };
  }
  /** One event that starts run number `run`. */
  const recorded = async (run: number, one: NewEvent, more: Partial<EventStart> = {}) => {
    const { starts } = await events().record({ events: [one], starts: [start(await only(), run, [one], more)] });
    return starts[0]!;
  };
  const hearing = (...triggers: readonly TriggerManifest[]) =>
    db.store.registerVersion(hearingVersion("feed", triggers));
  const updated = (name: string, uid = name) => event(uid, { kind: "asset", name, payload: null });

  describe("events", () => {
    test("a workflow hears of what its latest version says, and goes on under the names of its triggers", async () => {
      await hearing(ORDERS);
      expect(await events().subscriptions()).toMatchObject([
        { workflow: "feed", name: "orders", kind: "event", enabledSince: T0, dueAt: null, held: 0 },
      ]);
      const next = hearingVersion("feed", [ORDERS, INBOX], { createdAt: T0 + DAY });
      const { id } = await db.store.registerVersion(next);
      expect(await events().subscriptions()).toMatchObject([
        { name: "inbox", enabledSince: T0 + DAY, versionId: id },
        { name: "orders", enabledSince: T0, versionId: id },
      ]);
      await db.store.registerVersion(hearingVersion("feed", [INBOX], { createdAt: T0 + DAY }));
      expect(await events().subscriptions()).toMatchObject([{ name: "inbox" }]);
    });

    test("an event and its run are recorded together, and the run is told of the event", async () => {
      await hearing(ORDERS);
      const one = event("e1", { key: "k", payload: '{"text":"\\u0000 \\\\ é"}' });
      const cause = JSON.stringify({ trigger: "orders", events: [told(one)], chain: [] });
      expect(await recorded(5, one)).toEqual({ outcome: "started", runId: sampleRunId(5), held: false, cause });
      const { run } = await db.load(sampleRunId(5));
      expect(run).toMatchObject({ state: "queued", trigger: "event", revision: 1 });
      expect(JSON.parse(run.cause!)).toEqual({ trigger: "orders", events: [told(one)], chain: [] });
      expect(await events().recent({ limit: 10 })).toMatchObject([{ kind: "event", payload: one.payload, key: "k" }]);
      expect(await db.store.unfinishedRuns()).toEqual([sampleRunId(5)]);
      expect((await db.reader.listWorkflows()).find(({ name }) => name === "feed")?.counts).toEqual({ queued: 1 });
    });

    test("asked twice with the same ids, it has happened once", async () => {
      await hearing(ORDERS);
      expect(await recorded(5, event("e1"))).toMatchObject({ outcome: "started" });
      expect(await recorded(5, event("e1"))).toMatchObject({ outcome: "started", runId: sampleRunId(5) });
      expect(await recorded(6, event("e1"))).toMatchObject({ outcome: "repeated" });
      expect(await events().recent({ limit: 10 })).toHaveLength(1);
      expect(await db.store.loadRun(sampleRunId(6))).toBeNull();
    });

    test("of events with one key, one starts a run, until the key is over", async () => {
      await hearing(ORDERS);
      const key = { text: "o-17", forMs: 60_000 };
      expect(await recorded(5, event("e1"), { key })).toMatchObject({ outcome: "started" });
      expect(await recorded(6, event("e2"), { key })).toEqual({
        outcome: "repeated",
        runId: sampleRunId(5),
        held: false,
        cause: null,
      });
      expect(await recorded(7, event("e3"), { key: { ...key, text: "o-18" } })).toMatchObject({ outcome: "started" });
      db.advance(60_001);
      expect(await recorded(8, event("e4"), { key })).toMatchObject({ outcome: "started" });
    });

    test("a start that follows an older version is not recorded, nor is anything beside it", async () => {
      await hearing(ORDERS);
      const before = await only();
      await hearing(ORDERS, INBOX);
      const one = event("e1");
      expect(await events().record({ events: [one], starts: [start(before, 5, [one])] })).toEqual({
        applied: false,
        starts: [],
      });
      expect(await events().recent({ limit: 10 })).toEqual([]);
    });

    test("a paused workflow passes over what happens, or holds it back", async () => {
      await hearing(ORDERS);
      await db.store.schedules.pause("feed", "me");
      expect(await only()).toMatchObject({ enabledSince: null });
      expect(await recorded(5, event("e1"))).toMatchObject({ outcome: "passed_over" });
      expect(await recorded(6, event("e2"), { whilePaused: "hold" })).toMatchObject({ outcome: "started", held: true });
      expect(await db.store.unfinishedRuns()).toEqual([]);
      expect(await db.store.schedules.admit("feed", { maxActive: null, past: [] })).toEqual([]);
      await db.store.schedules.unpause("feed");
      expect(await db.store.schedules.admit("feed", { maxActive: null, past: [] })).toEqual([sampleRunId(6)]);
    });

    test("runs that wait for their turn are let in as those of windows are", async () => {
      await hearing(ORDERS);
      for (const run of [5, 6, 7]) await recorded(run, event(`e${run}`), { held: true });
      expect(await only()).toMatchObject({ held: 3 });
      const limits = { maxActive: 2, past: db.tasks };
      expect(await db.store.schedules.admit("feed", limits)).toEqual([sampleRunId(5), sampleRunId(6)]);
      expect(await db.store.schedules.admit("feed", limits)).toEqual([]);
      expect(await db.store.schedules.activeRuns("feed")).toMatchObject([
        { held: false },
        { held: false },
        { id: sampleRunId(7), held: true },
      ]);
      expect(await recorded(8, event("e8"), { room: 3 })).toMatchObject({ outcome: "no_room" });
      await db.commit(sampleGroup(sampleRunId(5), 1, { run: { state: "running", startedAt: T0 } }));
      await db.commit(sampleGroup(sampleRunId(5), 2, { run: { state: "succeeded", endedAt: T0 } }));
      expect(await db.store.schedules.admit("feed", limits)).toEqual([sampleRunId(7)]);
    });

    test("assets start a run when each that is needed was updated since the last one, however often", async () => {
      await hearing({ name: "assets", kind: "asset", assets: BOTH });
      const assets = { assets: BOTH };
      expect(await recorded(5, updated("a", "1"), assets)).toMatchObject({ outcome: "waiting" });
      expect(await recorded(6, updated("a", "2"), assets)).toMatchObject({ outcome: "waiting" });
      expect(await recorded(7, { ...updated("b", "3"), at: T0 + 1 }, assets)).toMatchObject({ outcome: "started" });
      const { events: its } = JSON.parse((await db.load(sampleRunId(7))).run.cause!) as { events: StartEvent[] };
      expect(its.map(({ name }) => name)).toEqual(["b", "a"]);
      expect(await recorded(8, updated("b", "4"), assets)).toMatchObject({ outcome: "waiting" });
      const both = [updated("a", "5"), updated("a", "6")];
      const one = start(await only(), 9, both, assets);
      expect((await events().record({ events: both, starts: [one] })).starts).toMatchObject([{ outcome: "started" }]);
    });

    test("what a task emits is recorded with its result, once, and waits to be delivered", async () => {
      const id = await db.startRun();
      const said = { kind: "asset", name: "a", payload: '{"rows":3}', key: null, partition: "2025-08-12", at: T0 + 2 };
      const to = { drawer: "events", taskRunId: id, key: "1 000000" } as const;
      const drawers = [{ taskRunId: id, claim: 1, to, value: JSON.stringify(said) }];
      const stale = sampleGroup(RUN, 1, { changes: [finished(id, 2)], drawers });
      expect(await db.applied(stale)).toEqual([false]);
      expect(await events().pending(10)).toEqual([]);
      expect(await db.applied(sampleGroup(RUN, 1, { changes: [finished(id, 1)], drawers }))).toEqual([true]);
      const [pending] = await events().pending(10);
      expect(pending).toMatchObject({
        ...said,
        runId: RUN,
        chain: ["sales"],
        window: { start: T0, date: "2025-08-12" },
      });

      const batch = { events: [{ id: pending!.id }], starts: [] };
      expect(await events().record(batch)).toMatchObject({ applied: true });
      expect(await events().pending(10)).toEqual([]);
    });

    test("a pending event that was delivered by another starts nothing", async () => {
      const id = await db.startRun();
      await hearing(ORDERS);
      const said = { kind: "event", name: "orders.received", payload: null, key: null, partition: null, at: T0 };
      const to = { drawer: "events", taskRunId: id, key: "1 000000" } as const;
      const drawers = [{ taskRunId: id, claim: 1, to, value: JSON.stringify(said) }];
      await db.commit(sampleGroup(RUN, 1, { changes: [finished(id, 1)], drawers }));
      const [pending] = await events().pending(10);
      const one = event("x");
      const give = async (run: number) =>
        (await events().record({ events: [{ id: pending!.id }], starts: [start(await only(), run, [one])] })).starts;
      expect(await give(5)).toMatchObject([{ outcome: "started" }]);
      expect(await give(6)).toMatchObject([{ outcome: "repeated" }]);
      expect(await give(5)).toMatchObject([{ outcome: "started" }]);
    });

    test("the end of a run is an event where somebody follows it, once for each end", async () => {
      await db.startRun(sampleRunId(9));
      await db.commit(sampleGroup(sampleRunId(9), 1, { run: { state: "succeeded", endedAt: T0 + 5 } }));
      expect(await events().pending(10)).toEqual([]);
      await hearing({ name: "sales", kind: "run", workflow: "sales", end: "ended" });
      await db.startRun();
      await db.commit(sampleGroup(RUN, 1, { run: { state: "failed", endedAt: T0 + 5 } }));
      const payload = JSON.stringify({ runId: RUN, state: "failed" });
      const [pending] = await events().pending(10);
      expect(pending).toMatchObject({ kind: "run", name: "sales", runId: RUN, at: T0 + 5, chain: ["sales"] });
      expect(JSON.parse(pending!.payload!)).toEqual(JSON.parse(payload));
      await db.commit(sampleGroup(RUN, 2, { run: { state: "queued", generation: 2, endedAt: null } }));
      await db.commit(sampleGroup(RUN, 3, { run: { state: "running" } }));
      await db.commit(sampleGroup(RUN, 4, { run: { state: "cancelled", endedAt: T0 + 6 } }));
      expect(await events().pending(10)).toHaveLength(2);
      // Opened again and ended in one commit.
      await db.commit(sampleGroup(RUN, 5, { run: { state: "cancelled", generation: 3, endedAt: T0 + 7 } }));
      expect(await events().pending(10)).toHaveLength(3);
    });

    test("a run that starts and ends in one commit is an event, too", async () => {
      await hearing({ name: "sales", kind: "run", workflow: "sales", end: "ended" });
      const create = sampleRun(RUN, db.version.id, { state: "queued" });
      const run = { state: "succeeded", startedAt: T0, endedAt: T0 + 1 } as const;
      expect(await db.applied(sampleGroup(RUN, 0, { create, run }))).toEqual([true]);
      expect(await events().pending(10)).toMatchObject([{ kind: "run", runId: RUN }]);
    });

    test("a source is asked by one at a time, and what it found is recorded with how far it has come", async () => {
      await hearing(INBOX);
      const { id } = await only();
      const first = await events().takeTurn(id, 60_000);
      expect(first).toMatchObject({ cursor: null, fresh: true });
      expect(await events().takeTurn(id, 60_000)).toBeNull();
      const found = event("f1", { kind: "poll", name: "inbox" });
      const advance = { subscription: id, revision: first!.revision, cursor: "1", afterMs: 1_000 };
      const batch = { events: [found], starts: [start(await only(), 5, [found])], advance };
      expect(await events().record(batch)).toMatchObject({ applied: true, starts: [{ outcome: "started" }] });
      // The answer was lost: it answers as it did.
      expect(await events().record(batch)).toMatchObject({ applied: true, starts: [{ outcome: "started" }] });
      const late = event("f2", { kind: "poll", name: "inbox" });
      expect(await events().record({ events: [late], starts: [], advance })).toMatchObject({ applied: false });
      expect(await events().takeTurn(id, 60_000)).toBeNull();
      db.advance(1_001);
      const second = await events().takeTurn(id, 60_000);
      expect(second).toMatchObject({ cursor: "1", fresh: false });
      await events().leaveTurn(id, second!.revision, 0);
      await db.store.schedules.pause("feed", "me");
      expect(await events().takeTurn(id, 60_000)).toBeNull();
      await db.store.schedules.unpause("feed");
      expect(await events().takeTurn(id, 60_000)).toMatchObject({ cursor: "1", fresh: true });
    });

    test("a mark tells what was emitted after it from what was before", async () => {
      await events().record({ events: [event("before")], starts: [] });
      const mark = await events().mark();
      expect((await events().emitted("orders.received", mark)).events).toEqual([]);
      await events().record({ events: [event("after"), event("other", { name: "other" })], starts: [] });
      const found = await events().emitted("orders.received", mark);
      expect(found.events.map(({ payload }) => payload)).toEqual(['{"id":"after"}']);
      expect((await events().emitted("orders.received", found.mark)).events).toEqual([]);
    });

    test("retention removes what was delivered and keys that are over, and keeps the last word about an asset", async () => {
      await hearing(ORDERS);
      await recorded(5, event("e1"), { key: { text: "k", forMs: 1_000 } });
      for (const uid of ["1", "2"]) await events().record({ events: [updated("a", uid)], starts: [] });
      expect(await events().prune(T0, 100)).toBe(0);
      db.advance(1_001);
      expect(await events().prune(T0 + 1, 100)).toBe(3);
      expect(await events().recent({ limit: 10 })).toMatchObject([{ kind: "asset", name: "a" }]);
      expect(await events().prune(T0 + 1, 100)).toBe(0);
    });
  });
}
