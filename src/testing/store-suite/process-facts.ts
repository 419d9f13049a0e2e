import { describe, expect, test } from "vitest";
import type { NewProcess } from "../../store/process-list.ts";
import type { StoreFixture } from "./store-fixture.ts";

const LEASE_MS = 10_000;

const sampleProcess = (name: string, more: Partial<NewProcess> = {}): NewProcess => ({
  name,
  instance: `instance of ${name}`,
  roles: ["scheduler", "worker"],
  queues: ["default"],
  slots: 4,
  labels: { zone: "ä" },
  host: "h",
  pid: 1,
  release: "0.1.0",
  node: "24.0.0",
  timeZones: "2026a",
  clockAheadMs: null,
  ...more,
});

export function processFacts(db: StoreFixture): void {
  describe("processes", () => {
    test("a process is alive while it renews its lease, is told the store's time, and is gone when it leaves", async () => {
      const { processes } = db.store;
      const { now, store } = await processes.keep(sampleProcess("b"), LEASE_MS);
      await processes.keep(sampleProcess("a"), LEASE_MS);
      expect(Math.abs(now / 1000 - Date.now())).toBeLessThan(60_000);
      expect(store).toBe(await db.reader.identity());
      db.advance(LEASE_MS / 2);
      await processes.keep(sampleProcess("a", { clockAheadMs: 12 }), LEASE_MS);
      db.advance(LEASE_MS / 2 + 1);

      const listed = await db.reader.listProcesses(10);
      expect(listed).toMatchObject([
        { ...sampleProcess("a"), clockAheadMs: 12, alive: true },
        { ...sampleProcess("b"), alive: false },
      ]);
      expect(listed[0]!.startedAt).toBeGreaterThanOrEqual(listed[1]!.startedAt);
      expect(await db.reader.listProcesses(1)).toHaveLength(1);
      await processes.leave(sampleProcess("b"));
      expect(await db.reader.listProcesses(10)).toMatchObject([{ name: "a" }]);
    });

    test("a living process keeps its name from another one; a dead one does not, and can't take it back", async () => {
      const { processes } = db.store;
      const [first, second] = [sampleProcess("w"), sampleProcess("w", { instance: "second" })];
      await processes.keep(first, LEASE_MS);
      await expect(processes.keep(second, LEASE_MS)).rejects.toMatchObject({
        code: "PROCESS_NAME_TAKEN",
        message: expect.stringContaining(`"w"`) as string,
      });
      db.advance(LEASE_MS + 1);
      await processes.keep(second, LEASE_MS);
      await expect(processes.keep(first, LEASE_MS)).rejects.toMatchObject({ code: "PROCESS_NAME_TAKEN" });
      await processes.leave(first);
      expect(await db.reader.listProcesses(10)).toMatchObject([{ instance: "second", alive: true }]);
    });

    test("the store stays the one it is", async () => {
      const before = await db.reader.identity();
      await db.reopen();
      expect(await db.reader.identity()).toBe(before);
    });
  });
}
