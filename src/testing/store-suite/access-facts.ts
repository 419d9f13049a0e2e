import { describe, expect, test } from "vitest";
import type { AccessChange, AuditEntry } from "../../store/access.ts";
import { T0 } from "../store-samples.ts";
import type { StoreFixture } from "./store-fixture.ts";

const HOUR_US = 3_600_000_000;

const user = (name: string, more: Partial<AccessChange & { kind: "create_user" }> = {}): AccessChange => ({
  kind: "create_user",
  name,
  role: "viewer",
  tags: null,
  password: `hash of ${name}`,
  at: T0,
  ...more,
});

const token = (name: string, more: Partial<AccessChange & { kind: "create_token" }> = {}): AccessChange => ({
  kind: "create_token",
  name,
  hash: `hash of ${name}`,
  user: null,
  role: "operator",
  tags: ["a", "b"],
  createdBy: "cli:ada\\",
  at: T0,
  expiresAt: null,
  ...more,
});

const line = (action: string, more: Partial<AuditEntry> = {}): AuditEntry => ({
  at: T0,
  actor: "cli:ada",
  action,
  target: "t",
  before: null,
  after: `{"a":1}`,
  ...more,
});

export function accessFacts(db: StoreFixture): void {
  const apply = (change: AccessChange, audit: AuditEntry | null = null) => db.store.access.apply(change, audit);
  const read = () => db.reader.access;

  describe("access", () => {
    test("a user is made once, is changed in part, and goes with its sessions and tokens", async () => {
      expect(await apply(user("ada", { role: "admin" }))).toEqual({ applied: true });
      expect(await apply(user("ada"))).toEqual({ applied: false });
      await apply(user("bob", { tags: ["finance"], password: null }));
      expect(await read().users()).toEqual([
        { name: "ada", role: "admin", tags: null, disabled: false, hasPassword: true, createdAt: T0 },
        { name: "bob", role: "viewer", tags: ["finance"], disabled: false, hasPassword: false, createdAt: T0 },
      ]);
      expect(await apply({ kind: "change_user", name: "bob", role: "editor", tags: null })).toEqual({ applied: true });
      expect(await apply({ kind: "change_user", name: "nobody", role: "editor" })).toEqual({ applied: false });
      expect(await read().credential("bob")).toMatchObject({ user: { role: "editor", tags: null }, password: null });
      await apply({ kind: "open_session", hash: "s", user: "bob", at: T0, expiresAt: T0 + HOUR_US });
      await apply(token("of bob", { user: "bob" }));
      expect(await apply({ kind: "remove_user", name: "bob" })).toEqual({ applied: true });
      expect(await read().session("s", T0)).toBeNull();
      expect(await read().tokens()).toEqual([]);
      expect(await read().credential("bob")).toBeNull();
    });

    test("a session ends with its time, with sign-out, and with the password or the right of its user", async () => {
      await apply(user("ada"));
      const open = (hash: string) =>
        apply({ kind: "open_session", hash, user: "ada", at: T0, expiresAt: T0 + HOUR_US });
      await open("a");
      expect(await read().session("a", T0 + HOUR_US - 1)).toMatchObject({ name: "ada" });
      expect(await read().session("a", T0 + HOUR_US)).toBeNull();
      await apply({ kind: "close_session", hash: "a" });
      expect(await read().session("a", T0)).toBeNull();
      await open("b");
      await apply({ kind: "change_user", name: "ada", password: "another" });
      expect(await read().session("b", T0)).toBeNull();
      await open("c");
      await apply({ kind: "change_user", name: "ada", disabled: true });
      expect(await read().session("c", T0)).toBeNull();
      expect(await open("d")).toEqual({ applied: false });
      expect(await apply({ kind: "open_session", hash: "e", user: "nobody", at: T0, expiresAt: T0 + HOUR_US })).toEqual(
        { applied: false },
      );
    });

    test("the last admin that can sign in stays", async () => {
      await apply(user("ada", { role: "admin" }));
      await apply(user("eve", { role: "admin", password: null }));
      const refused = { code: "LAST_ADMIN" };
      await expect(apply({ kind: "remove_user", name: "ada" }, line("user.remove"))).rejects.toMatchObject(refused);
      await expect(apply({ kind: "change_user", name: "ada", role: "viewer" })).rejects.toMatchObject(refused);
      await expect(apply({ kind: "change_user", name: "ada", disabled: true })).rejects.toMatchObject(refused);
      expect(await read().credential("ada")).toMatchObject({ user: { role: "admin", disabled: false } });
      expect(await read().audit({ limit: 10 })).toEqual([]);
      await apply({ kind: "change_user", name: "eve", password: "p" });
      expect(await apply({ kind: "remove_user", name: "ada" })).toEqual({ applied: true });
    });

    test("a token is found by its hash, with its user, and is revoked once", async () => {
      await apply(user("ada"));
      const { id } = await apply(token("ci", { user: "ada", expiresAt: T0 + HOUR_US }));
      expect(await read().token("hash of ci")).toMatchObject({
        token: {
          id,
          name: "ci",
          user: "ada",
          role: "operator",
          tags: ["a", "b"],
          createdBy: "cli:ada\\",
          expiresAt: T0 + HOUR_US,
          lastUsedAt: null,
          revokedAt: null,
        },
        user: { name: "ada" },
      });
      await apply({ kind: "touch_token", id: id!, at: T0 + 5 });
      expect(await apply({ kind: "revoke_token", id: id!, at: T0 + 7 })).toEqual({ applied: true });
      expect(await apply({ kind: "revoke_token", id: id!, at: T0 + 9 })).toEqual({ applied: false });
      expect(await read().tokens()).toMatchObject([{ lastUsedAt: T0 + 5, revokedAt: T0 + 7 }]);
      expect(await read().token("hash of nothing")).toBeNull();
      expect(await apply(token("x", { user: "nobody" }))).toEqual({ applied: false });
    });

    test("the audit log has a line for what was done, and none for what was not", async () => {
      await apply(user("ada"), line("user.create", { target: "ada\0\\" }));
      await apply(user("ada"), line("user.create"));
      await apply({ kind: "record" }, line("run.cancel", { actor: "user:bob" }));
      const found = await read().audit({ limit: 10 });
      expect(found.map(({ action }) => action)).toEqual(["run.cancel", "user.create"]);
      expect(found[1]).toMatchObject({ ...line("user.create", { target: "ada\0\\" }) });
      expect(await read().audit({ limit: 1 })).toHaveLength(1);
      expect(await read().audit({ limit: 10, before: found[0]!.id })).toEqual([found[1]]);
      expect(await read().audit({ limit: 10, actor: "user:bob" })).toEqual([found[0]]);
      expect(await read().audit({ limit: 10, target: "ada\0\\" })).toEqual([found[1]]);
      expect(await read().audit({ limit: 10, target: "t", actor: "cli:ada" })).toEqual([]);
      expect(await read().audit({ limit: 10, action: "user.create" })).toEqual([found[1]]);
    });

    test("a key stands for what it was first used for, for its actor, for a day", async () => {
      const claim = (actor: string, subject: string, at = T0) =>
        apply({ kind: "claim_key", actor, key: "k", fingerprint: `f of ${subject}`, subject, at });
      expect(await claim("a", "run 1")).toEqual({
        applied: true,
        key: { fingerprint: "f of run 1", subject: "run 1" },
      });
      expect(await claim("a", "run 2")).toMatchObject({ applied: false, key: { subject: "run 1" } });
      expect(await claim("b", "run 3")).toMatchObject({ applied: true, key: { subject: "run 3" } });
      expect(await claim("a", "run 4", T0 + 25 * HOUR_US)).toMatchObject({ applied: true, key: { subject: "run 4" } });
    });
  });
}
