import { createCipheriv, createDecipheriv, randomBytes } from "node:crypto";
import { TuttiError } from "../../core/errors.ts";
import type { SealedSecret, SecretKind } from "../../store/secrets.ts";
import type { EncryptionKey, KeyRing } from "./key-ring.ts";

const CIPHER = "aes-256-gcm";
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const VERSION = "v1";

/** What a value is, so that one row can't be put in the place of another. */
export interface SecretName {
  readonly kind: SecretKind;
  readonly name: string;
}

/**
 * A value as the store keeps it: encrypted under a key of its own, and that one under the ring's first. To change the ring's key, only the value's
 * key is encrypted anew.
 */
export function sealValue(value: string, about: SecretName, { keys }: KeyRing): { sealed: string; keyId: string } {
  const own = randomBytes(32);
  const key = keys[0]!;
  const body = encrypt(own, Buffer.from(value, "utf8"), aad(about, "value"));
  return { sealed: text(key, wrap(own, about, key), body), keyId: key.id };
}

/** @throws TuttiError `ENCRYPTION_KEY_WRONG`, `SECRET_DAMAGED` */
export function openValue(secret: SealedSecret, ring: KeyRing): string {
  const { own, body } = unwrap(secret, ring);
  return decrypt(own, body, aad(secret, "value"), secret).toString("utf8");
}

/** The same value under the ring's first key; `null`: it is already. @throws TuttiError `ENCRYPTION_KEY_WRONG`, `SECRET_DAMAGED` */
export function rewrapValue(secret: SealedSecret, ring: KeyRing): { sealed: string; keyId: string } | null {
  const key = ring.keys[0]!;
  if (secret.keyId === key.id) return null;
  const { own, body } = unwrap(secret, ring);
  // What does not open must not look as if it were kept well.
  decrypt(own, body, aad(secret, "value"), secret);
  return { sealed: text(key, wrap(own, secret, key), body), keyId: key.id };
}

const aad = ({ kind, name }: SecretName, part: "value" | "key"): Buffer =>
  Buffer.from(JSON.stringify([VERSION, part, kind, name]));

const wrap = (own: Buffer, about: SecretName, key: EncryptionKey): Buffer => encrypt(key.bytes, own, aad(about, "key"));

const text = (key: EncryptionKey, wrapped: Buffer, body: Buffer): string =>
  [VERSION, key.id, wrapped.toString("base64"), body.toString("base64")].join(".");

function unwrap(secret: SealedSecret, { keys, from }: KeyRing): { own: Buffer; body: Buffer } {
  const [version, id, wrapped = "", body = ""] = secret.sealed.split(".");
  if (version !== VERSION || id !== secret.keyId) throw damaged(secret);
  const key = keys.find((each) => each.id === id);
  if (key === undefined)
    throw new TuttiError(
      "ENCRYPTION_KEY_WRONG",
      `${nameOf(secret)} was encrypted under key ${id}; ${from} has ${keys.map((each) => each.id).join(", ")}. Give that key as well, after the new one, then run: tutti secrets rotate`,
    );
  return {
    own: decrypt(key.bytes, Buffer.from(wrapped, "base64"), aad(secret, "key"), secret),
    body: Buffer.from(body, "base64"),
  };
}

export function encrypt(key: Buffer, plain: Buffer, about: Buffer): Buffer {
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv(CIPHER, key, nonce).setAAD(about);
  return Buffer.concat([nonce, cipher.update(plain), cipher.final(), cipher.getAuthTag()]);
}

/** @throws TuttiError `SECRET_DAMAGED` */
export function decrypt(key: Buffer, sealed: Buffer, about: Buffer, of: SecretName): Buffer {
  if (sealed.length < NONCE_BYTES + TAG_BYTES) throw damaged(of);
  try {
    const decipher = createDecipheriv(CIPHER, key, sealed.subarray(0, NONCE_BYTES), { authTagLength: TAG_BYTES });
    decipher.setAAD(about).setAuthTag(sealed.subarray(-TAG_BYTES));
    return Buffer.concat([decipher.update(sealed.subarray(NONCE_BYTES, -TAG_BYTES)), decipher.final()]);
  } catch {
    throw damaged(of);
  }
}

const nameOf = ({ kind, name }: SecretName): string => `${kind === "secret" ? "Secret" : "Connection"} "${name}"`;

const damaged = (of: SecretName): TuttiError =>
  new TuttiError(
    "SECRET_DAMAGED",
    `${nameOf(of)} does not open with the key that it was encrypted under: what is kept was changed, or moved from another name. Set it again.`,
  );
