import { describe, expect, test } from "vitest";
import type { AccessChange } from "../../store/access.ts";
import { T0 } from "../store-samples.ts";
import type { StoreFixture } from "./store-fixture.ts";

export function secretFacts(db: StoreFixture): void {
  const put = (name: string, more: Partial<AccessChange & { kind: "put_secret" }> = {}) =>
    db.store.access.apply(
      {
        kind: "put_secret",
        of: "secret",
        name,
        sealed: `sealed ${name[0]}`,
        keyId: "k1",
        shown: null,
        description: null,
        tags: null,
        at: T0,
        by: "user:ada",
        ...more,
      },
      null,
    );

  describe("secrets", () => {
    test("are listed without what is kept, by name and kind, and read as they are kept", async () => {
      await put("b\0\\", { tags: ["finance"], description: "of \0 the bank" });
      await put("a");
      await put("a", { of: "connection", shown: "postgres://db/orders", sealed: "other" });
      const listed = await db.reader.secrets.list("secret");
      expect(listed.map(({ name }) => name)).toEqual(["a", "b\0\\"]);
      expect(listed[1]).toEqual({
        kind: "secret",
        name: "b\0\\",
        keyId: "k1",
        shown: null,
        description: "of \0 the bank",
        tags: ["finance"],
        createdAt: T0,
        updatedAt: T0,
        updatedBy: "user:ada",
      });
      expect(await db.store.secrets.sealed("connection", ["a", "z"])).toEqual([
        { kind: "connection", name: "a", keyId: "k1", tags: null, sealed: "other" },
      ]);
    });

    test("set again, one has the new value and keeps its beginning; removed, it is gone", async () => {
      await put("a");
      expect(await put("a", { sealed: "new", at: T0 + 5, by: "user:bob", tags: ["x"] })).toMatchObject({
        applied: true,
      });
      expect(await db.reader.secrets.list("secret")).toMatchObject([
        { createdAt: T0, updatedAt: T0 + 5, updatedBy: "user:bob", tags: ["x"] },
      ]);
      const remove = { kind: "remove_secret", of: "secret", name: "a" } as const;
      expect(await db.store.access.apply(remove, null)).toMatchObject({ applied: true });
      expect(await db.store.access.apply(remove, null)).toMatchObject({ applied: false });
      expect(await db.store.secrets.sealed("secret", ["a"])).toEqual([]);
    });

    test("one that was set meanwhile is not put under another key", async () => {
      await put("a");
      const rewrap = { kind: "rewrap_secret", of: "secret", name: "a", sealed: "rewrapped", keyId: "k2" } as const;
      expect(await db.store.access.apply({ ...rewrap, from: "older" }, null)).toMatchObject({ applied: false });
      expect(await db.store.access.apply({ ...rewrap, from: "sealed a" }, null)).toMatchObject({ applied: true });
      expect(await db.store.secrets.sealed("secret", ["a"])).toMatchObject([{ sealed: "rewrapped", keyId: "k2" }]);
    });
  });
}
