import { describe, expect, test } from "vitest";
import { APPROVAL_EVENT, approvalUid } from "../../core/approval.ts";
import { finished, sampleGroup, sampleWait, T0 } from "../store-samples.ts";
import { RUN, type StoreFixture } from "./store-fixture.ts";

export function approvalFacts(db: StoreFixture): void {
  describe("approvals", () => {
    const ask = (id: string) => ({
      id,
      title: 'Pay "12 €"?',
      description: null,
      form: { type: "object" },
      hasForm: true,
      by: ["ada"],
      askedAt: T0,
      dueAt: null,
      onTimeout: "reject" as const,
    });
    const answer = (id: string, approved: boolean) => ({
      uid: approvalUid(id),
      kind: "approval" as const,
      name: APPROVAL_EVENT,
      payload: JSON.stringify({
        approval: id,
        approved,
        by: "user:ada",
        comment: null,
        form: { a: 1 },
        token: `t${approved}`,
      }),
      key: null,
      partition: null,
      runId: null,
      at: T0 + 5,
    });

    test("what a task run waits with is found, alone and among all, until it has ended", async () => {
      const taskRun = await db.startRun();
      const id = `${taskRun}-0123ab`;
      await db.commit(sampleGroup(RUN, 1, { run: { state: "running", startedAt: T0 } }));
      const wait = sampleWait({ kind: "approval", approvals: [ask(id)] });
      await db.commit(sampleGroup(RUN, 2, { changes: [{ id: taskRun, claim: 1, kind: "defer", wait, at: T0 + 3 }] }));

      const shown = {
        ...ask(id),
        runId: RUN,
        workflow: "sales",
        task: "a",
        mapIndex: null,
        state: "open",
        answer: null,
      };
      expect(await db.reader.listApprovals({ limit: 10 })).toEqual([shown]);
      expect(await db.reader.listApprovals({ id, limit: 1 })).toEqual([shown]);
      expect(await db.reader.listApprovals({ id: `${taskRun}-ffffff`, limit: 1 })).toEqual([]);
      expect(await db.reader.listApprovals({ id: "nonsense", limit: 1 })).toEqual([]);
      expect([await db.reader.hasTaskRun(taskRun), await db.reader.hasTaskRun(taskRun + 1_000)]).toEqual([true, false]);

      await db.commit(
        sampleGroup(RUN, 3, {
          changes: [
            { id: taskRun, claim: 1, kind: "requeue", from: "deferred", losses: 0, at: T0 + 4 },
            { id: taskRun, claim: 1, kind: "claim", worker: "w", at: T0 + 4 },
            finished(taskRun, 2),
          ],
        }),
      );
      expect(await db.reader.listApprovals({ limit: 10 })).toEqual([]);
      expect(await db.reader.listApprovals({ id, limit: 1 })).toEqual([]);
    });

    test("of two answers the first counts, and whoever waits hears of it by its mark", async () => {
      const taskRun = await db.startRun();
      const id = `${taskRun}-0123ab`;
      await db.commit(sampleGroup(RUN, 1, { run: { state: "running", startedAt: T0 } }));
      const wait = sampleWait({ kind: "approval", approvals: [ask(id)] });
      await db.commit(sampleGroup(RUN, 2, { changes: [{ id: taskRun, claim: 1, kind: "defer", wait, at: T0 + 3 }] }));
      const mark = await db.store.events.mark();
      await db.store.events.record({ events: [answer(id, false)], starts: [] });
      await db.store.events.record({ events: [answer(id, true)], starts: [] });

      const [found] = await db.reader.listApprovals({ id, limit: 1 });
      expect(found).toMatchObject({
        state: "rejected",
        answer: { by: "user:ada", comment: null, form: { a: 1 }, token: "tfalse", at: T0 + 5 },
      });
      const heard = await db.store.events.emitted(APPROVAL_EVENT, mark);
      expect(heard.events).toMatchObject([{ kind: "approval", name: APPROVAL_EVENT }]);
      expect(await db.store.events.pending(10)).toEqual([]);
    });
  });
}
