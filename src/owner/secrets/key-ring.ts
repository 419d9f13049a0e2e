import { createHash, randomBytes } from "node:crypto";
import { chmodSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { TuttiError } from "../../core/errors.ts";
import type { Config } from "../../loader/config.ts";

const KEY_BYTES = 32;
const VARIABLE = "TUTTI_ENCRYPTION_KEY";

/** A key with what tells it from others, which leads nobody back to it. */
export interface EncryptionKey {
  readonly id: string;
  readonly bytes: Buffer;
}

/** The keys of this process: the first one encrypts, each decrypts what was encrypted under it. */
export interface KeyRing {
  readonly keys: readonly EncryptionKey[];
  /** Where they come from, in words. */
  readonly from: string;
  /** The file they were read from; `null`: the environment. */
  readonly file: string | null;
}

/** `null`: this process has no key. @throws TuttiError `BAD_ENCRYPTION_KEY` */
export function readKeyRing(
  { encryptionKeyFile }: Pick<Config, "encryptionKeyFile">,
  env: NodeJS.ProcessEnv = process.env,
): KeyRing | null {
  const given = env[VARIABLE];
  if (given !== undefined && given.trim() !== "")
    return { keys: keysIn(given, `the variable ${VARIABLE}`), from: VARIABLE, file: null };
  const text = read(encryptionKeyFile);
  if (text === null) return null;
  return { keys: keysIn(text, `the file "${encryptionKeyFile}"`), from: encryptionKeyFile, file: encryptionKeyFile };
}

/** @throws TuttiError `ENCRYPTION_KEY_MISSING`, `BAD_ENCRYPTION_KEY` */
export function requireKeyRing(config: Pick<Config, "encryptionKeyFile">, env?: NodeJS.ProcessEnv): KeyRing {
  const ring = readKeyRing(config, env);
  if (ring !== null) return ring;
  throw new TuttiError(
    "ENCRYPTION_KEY_MISSING",
    `There is no key to encrypt with: neither ${VARIABLE} nor the file "${config.encryptionKeyFile}". Make one with: tutti secrets key`,
  );
}

/** A key file with a new key, readable by nobody else. Where there is one, the new key comes first and the old ones stay. */
export function addKeyToFile(file: string): EncryptionKey {
  const old = read(file);
  const key = newKey();
  mkdirSync(dirname(file), { recursive: true });
  // Whole or not at all: half a key file would be all secrets lost.
  const made = `${file}.new`;
  writeFileSync(made, `${key.bytes.toString("base64")}\n${old ?? ""}`, { mode: 0o600 });
  renameSync(made, file);
  if (process.platform !== "win32") chmodSync(file, 0o600);
  return key;
}

/** Leaves only the first key in the file. */
export function dropOldKeys(file: string): void {
  const [first] = keysIn(read(file) ?? "", `the file "${file}"`);
  const made = `${file}.new`;
  writeFileSync(made, `${first!.bytes.toString("base64")}\n`, { mode: 0o600 });
  renameSync(made, file);
}

export const newKey = (): EncryptionKey => keyOf(randomBytes(KEY_BYTES));

const keyOf = (bytes: Buffer): EncryptionKey => ({
  id: createHash("sha256").update("tutti key id").update(bytes).digest("hex").slice(0, 12),
  bytes,
});

function keysIn(text: string, where: string): readonly EncryptionKey[] {
  const texts = text.split(/[\s,]+/).filter((part) => part !== "");
  if (texts.length === 0) throw badKey(where);
  return texts.map((part) => {
    const bytes = /^[0-9a-f]{64}$/i.test(part) ? Buffer.from(part, "hex") : Buffer.from(part, "base64");
    if (bytes.length !== KEY_BYTES) throw badKey(where);
    return keyOf(bytes);
  });
}

const badKey = (where: string): TuttiError =>
  new TuttiError(
    "BAD_ENCRYPTION_KEY",
    `What is in ${where} is no key: it must be ${KEY_BYTES} bytes in base64 or hexadecimal; several, the one that encrypts first, with commas or line breaks between. Make one with: tutti secrets key`,
  );

function read(file: string): string | null {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    if ((error as { code?: string }).code === "ENOENT") return null;
    throw new TuttiError("BAD_ENCRYPTION_KEY", `The key file "${file}" can't be read: ${(error as Error).message}.`);
  }
}
