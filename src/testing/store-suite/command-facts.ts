import { describe, expect, test } from "vitest";
import { REFUSAL_KEPT_US } from "../../store/command-inbox.ts";
import { T0 } from "../store-samples.ts";
import { RUN, type StoreFixture } from "./store-fixture.ts";

export function commandFacts(db: StoreFixture): void {
  describe("commands", () => {
    test("a command stays until it is removed, and its number is never given again", async () => {
      const cancel = { kind: "cancel", runId: RUN, payload: null, createdAt: T0 };
      const first = await db.inbox.addCommand(cancel);
      const second = await db.inbox.addCommand({ ...cancel, kind: "retry", payload: "{}" });

      expect(await db.store.pendingCommands(10)).toEqual([
        { ...cancel, id: first },
        { ...cancel, kind: "retry", payload: "{}", id: second },
      ]);
      expect(await db.store.pendingCommands(1)).toHaveLength(1);
      expect([await db.inbox.outcome(first), await db.inbox.outcome(second + 1)]).toEqual(["waits", "carried out"]);
      await db.store.removeCommands([first, second]);
      expect(await db.inbox.outcome(first)).toBe("carried out");
      expect(await db.store.pendingCommands(10)).toEqual([]);
      expect(await db.inbox.addCommand(cancel)).toBeGreaterThan(second);
    });

    test("a refused command waits no longer, and says why for an hour", async () => {
      const retry = { kind: "retry", runId: RUN, payload: null, createdAt: T0 };
      const [refused, next] = [await db.inbox.addCommand(retry), await db.inbox.addCommand(retry)];
      const refusal = { code: "RUN_NOT_ENDED", message: `it is "running"` };
      await db.store.refuseCommand(refused, refusal);
      expect([await db.inbox.outcome(refused), await db.inbox.outcome(next)]).toEqual([refusal, "waits"]);
      expect(await db.store.pendingCommands(10)).toMatchObject([{ id: next }]);
      await db.store.refuseCommand(next, { ...refusal, code: null });
      expect(await db.inbox.outcome(refused)).toEqual(refusal);

      const later = await db.inbox.addCommand({ ...retry, createdAt: T0 + REFUSAL_KEPT_US + 1 });
      await db.store.refuseCommand(later, refusal);
      const outcomes = [await db.inbox.outcome(refused), await db.inbox.outcome(next), await db.inbox.outcome(later)];
      expect(outcomes).toEqual(["carried out", "carried out", refusal]);
    });
  });
}
