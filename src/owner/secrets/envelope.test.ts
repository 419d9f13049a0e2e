import { expect, test } from "vitest";
import type { SealedSecret, SecretKind } from "../../store/secrets.ts";
import { openValue, rewrapValue, sealValue } from "./envelope.ts";
import { type KeyRing, newKey } from "./key-ring.ts";
import { newBoxKey, openBox, sealFor } from "./sealed-box.ts";

const ring = (...keys: KeyRing["keys"]): KeyRing => ({ keys, from: "a test", file: null });
const [one, two, three] = [newKey(), newKey(), newKey()];
const VALUE = "pa ss\nwört 🔑";
const kept = (name = "orders", kind: SecretKind = "connection", by = ring(one)): SealedSecret => ({
  kind,
  name,
  tags: null,
  ...sealValue(VALUE, { kind, name }, by),
});

test("what is kept opens with its key, differs each time, and shows nothing of the value", () => {
  const [a, b] = [kept(), kept()];
  expect(openValue(a, ring(one))).toBe(VALUE);
  expect(openValue(a, ring(two, one))).toBe(VALUE);
  expect(a.sealed).not.toBe(b.sealed);
  expect(Buffer.from(a.sealed.split(".")[3]!, "base64").includes(Buffer.from("wört"))).toBe(false);
});

test("another key says which one is missing, and a value in the place of another opens with none", () => {
  expect(() => openValue(kept(), ring(two))).toThrow(expect.objectContaining({ code: "ENCRYPTION_KEY_WRONG" }));
  expect(() => openValue(kept(), ring(two))).toThrow(one.id);
  for (const moved of [
    { ...kept(), name: "other" },
    { ...kept(), kind: "secret" as const },
    { ...kept(), keyId: two.id },
  ])
    expect(() => openValue(moved, ring(one, two))).toThrow(expect.objectContaining({ code: "SECRET_DAMAGED" }));
});

test("no bit of it can be changed unnoticed", () => {
  const secret = kept();
  const [version, id, wrapped = "", body = ""] = secret.sealed.split(".");
  for (const [place, part] of [wrapped, body].entries()) {
    const bytes = Buffer.from(part, "base64");
    for (const at of [0, 12, bytes.length - 17, bytes.length - 1]) {
      const changed = Buffer.from(bytes);
      changed[at]! ^= 1;
      const parts = [wrapped, body].map((each, index) => (index === place ? changed.toString("base64") : each));
      const sealed = [version, id, ...parts].join(".");
      expect(() => openValue({ ...secret, sealed }, ring(one))).toThrow("Set it again");
    }
  }
  for (const sealed of ["", "v1", `v1.${id}..`, `v2.${id}.${wrapped}.${body}`])
    expect(() => openValue({ ...secret, sealed }, ring(one))).toThrow(
      expect.objectContaining({ code: "SECRET_DAMAGED" }),
    );
});

test("under a new key only the value's own key is encrypted anew, and the old one opens it no more", () => {
  const old = kept();
  const next = { ...old, ...rewrapValue(old, ring(two, one))! };
  expect(next.keyId).toBe(two.id);
  expect(next.sealed.split(".")[3]).toBe(old.sealed.split(".")[3]);
  expect(openValue(next, ring(two))).toBe(VALUE);
  expect(() => openValue(next, ring(one))).toThrow(expect.objectContaining({ code: "ENCRYPTION_KEY_WRONG" }));
  expect(rewrapValue(next, ring(two, one))).toBeNull();
  expect(() => rewrapValue(next, ring(three, one))).toThrow(two.id);
});

test("a box opens for whom it was made, and for that claim only", () => {
  const [worker, other] = [newBoxKey(), newBoxKey()];
  const of = { kind: "secret", name: "api", taskRunId: 7, claim: 2 } as const;
  const box = sealFor(worker.publicKey, VALUE, of);
  expect(openBox(worker, box, of)).toBe(VALUE);
  expect(() => openBox(other, box, of)).toThrow(expect.objectContaining({ code: "SECRET_DAMAGED" }));
  for (const wrong of [{ claim: 3 }, { taskRunId: 8 }, { name: "b" }, { kind: "connection" as const }])
    expect(() => openBox(worker, box, { ...of, ...wrong })).toThrow(
      expect.objectContaining({ code: "SECRET_DAMAGED" }),
    );
});
