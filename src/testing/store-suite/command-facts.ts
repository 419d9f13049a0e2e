import { describe, expect, test } from "vitest";
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
      await db.store.removeCommands([first, second]);
      expect(await db.store.pendingCommands(10)).toEqual([]);
      expect(await db.inbox.addCommand(cancel)).toBeGreaterThan(second);
    });
  });
}
