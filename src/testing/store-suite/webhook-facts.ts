import { describe, expect, test } from "vitest";
import type { WebhookFacts } from "../../store/webhooks.ts";
import type { NewEvent } from "../../store/events.ts";
import { sampleGroup, sampleRun, sampleRunId, T0 } from "../store-samples.ts";
import type { StoreFixture } from "./store-fixture.ts";

export function webhookFacts(db: StoreFixture): void {
  const facts: WebhookFacts = {
    url: "https://hooks.example.com/tutti",
    name: "hooks.example.com",
    secret: "hook",
    events: ["run.failed", "asset.updated", "check.warned", "event.emitted"],
    workflows: null,
    disabled: false,
  };
  const put = async (more: Partial<WebhookFacts> = {}, id?: number) =>
    db.store.access.apply(
      { kind: "put_webhook", ...(id !== undefined && { id }), webhook: { ...facts, ...more }, at: T0, by: "user:a\\b" },
      null,
    );
  const ended = async (runId: string, state: "failed" | "succeeded") => {
    const create = sampleRun(runId, db.version.id);
    await db.store.commit([sampleGroup(runId, 0, { create })]);
    await db.store.commit([sampleGroup(runId, 1, { run: { state, startedAt: T0, endedAt: T0 + 5 } })]);
  };
  const event = (uid: string, more: Partial<NewEvent>): NewEvent => ({
    uid,
    kind: "event",
    name: "orders\\received",
    payload: JSON.stringify({ path: "a\\b" }),
    key: "k\\1",
    partition: null,
    runId: null,
    at: T0,
    ...more,
  });
  const told = async () =>
    (await db.reader.listAlerts({ limit: 100 }))
      .toReversed()
      .map(({ event: what, workflow, runId, receiver, state, webhook }) => ({
        what,
        workflow,
        runId,
        receiver,
        is: state,
        ...(JSON.parse(webhook?.payload ?? "null") as object),
      }));

  describe("webhooks", () => {
    test("are kept, changed and removed by number", async () => {
      const first = await put({ workflows: ["a\\b"] });
      const second = await put({ name: "other" });
      expect([first.applied, second.applied]).toEqual([true, true]);
      expect(await put({ disabled: true, events: ["run.cancelled"] }, second.id)).toMatchObject({ applied: true });
      expect(await put({}, 99)).toMatchObject({ applied: false });
      expect(await db.reader.webhooks.list()).toMatchObject([
        { ...facts, id: first.id, workflows: ["a\\b"], createdAt: T0, createdBy: "user:a\\b", waiting: 0, failed: 0 },
        { id: second.id, name: facts.name, disabled: true, events: ["run.cancelled"], deliveredAt: null },
      ]);
      const remove = { kind: "remove_webhook", id: first.id! } as const;
      expect(await db.store.access.apply(remove, null)).toMatchObject({ applied: true });
      expect(await db.store.access.apply(remove, null)).toMatchObject({ applied: false });
      expect((await db.store.webhooks.list()).map(({ id }) => id)).toEqual([second.id]);
    });

    test("are told of the ends of runs that they asked for, once, with the commit that ends them", async () => {
      await put();
      await put({ workflows: ["another"] });
      await put({ disabled: true });
      const [failed, succeeded] = [sampleRunId(1), sampleRunId(2)];
      await ended(failed, "failed");
      await ended(succeeded, "succeeded");
      expect(await told()).toEqual([
        {
          what: "run.failed",
          workflow: db.version.workflow,
          runId: failed,
          receiver: facts.name,
          is: "trying",
          state: "failed",
          generation: 1,
          trigger: "manual",
          date: expect.any(String),
        },
      ]);
    });

    test("are told of updated assets, of checks that did not pass, and of what was emitted, as it was said", async () => {
      await put();
      const finding = (status: string) => JSON.stringify({ status, message: "m" });
      const events = [
        event("1", {}),
        event("2", { kind: "asset", name: "sales", payload: null, key: null, partition: "emea" }),
        event("3", { kind: "check", name: "sales", payload: finding("warn"), key: "rows" }),
        event("4", { kind: "check", name: "sales", payload: finding("fail"), key: "rows" }),
        event("5", { kind: "check", name: "sales", payload: finding("pass"), key: "rows" }),
      ];
      await db.store.events.record({ events, starts: [] });
      await db.store.events.record({ events, starts: [] });
      const common = { workflow: null, runId: null, receiver: facts.name, is: "trying" };
      expect(await told()).toEqual([
        {
          ...common,
          what: "event.emitted",
          name: "orders\\received",
          key: "k\\1",
          partition: null,
          payload: { path: "a\\b" },
        },
        { ...common, what: "asset.updated", name: "sales", key: null, partition: "emea", payload: null },
        {
          ...common,
          what: "check.warned",
          name: "sales",
          key: "rows",
          partition: null,
          payload: { status: "warn", message: "m" },
        },
      ]);
    });

    test("what waits for one that does not answer waits with it, and goes with it", async () => {
      const { id } = await put();
      await db.store.events.record({ events: ["1", "2", "3"].map((uid) => event(uid, {})), starts: [] });
      const claimed = await db.store.alerts.claim({ limit: 1, leaseMs: 60_000 });
      expect(claimed.alerts).toMatchObject([{ event: "event.emitted", webhook: { id }, tries: 1 }]);
      const error = { name: "Error", message: "down" };
      await db.store.alerts.undelivered(claimed.alerts[0]!, { error, againMs: 10_000, instead: [] });
      const later = await db.store.alerts.claim({ limit: 10, leaseMs: 60_000 });
      expect(later.alerts).toEqual([]);
      expect(later.nextInMs).toBeGreaterThan(0);
      expect(await db.reader.webhooks.list()).toMatchObject([{ waiting: 3, failed: 0, lastError: error }]);
      await db.store.access.apply({ kind: "remove_webhook", id: id! }, null);
      expect(await told()).toEqual([]);
    });
  });
}
