import { randomBytes, scrypt, timingSafeEqual } from "node:crypto";

/** 64 MiB and about 150 ms each: what a signing-in user does not notice, and who tries a list of words does. */
const COST = { N: 2 ** 16, r: 8, p: 1 } as const;
const BYTES = 32;
const MAX_MEMORY = 128 * 1024 * 1024;
/** Passwords that are hashed at once; the others wait. */
const AT_ONCE = 2;

let hashing = 0;
const waiting: (() => void)[] = [];

/** As it is kept: `scrypt$<N>$<r>$<p>$<salt>$<hash>`, so that a later release may ask for more. */
export async function hashPassword(password: string): Promise<string> {
  const salt = randomBytes(16);
  const hash = await hashed(password, salt, COST);
  return ["scrypt", COST.N, COST.r, COST.p, salt.toString("base64url"), hash.toString("base64url")].join("$");
}

/** `null`: there is no such user, or he has no password; it takes as long as when there is. */
export async function isPassword(password: string, kept: string | null): Promise<boolean> {
  const [, n = COST.N, r = COST.r, p = COST.p, salt = "", hash = ""] = (kept ?? "").split("$");
  const expected = Buffer.from(hash, "base64url");
  const given = await hashed(password, Buffer.from(salt, "base64url"), { N: Number(n), r: Number(r), p: Number(p) });
  return expected.length === given.length && timingSafeEqual(expected, given) && kept !== null;
}

async function hashed(password: string, salt: Buffer, cost: { N: number; r: number; p: number }): Promise<Buffer> {
  if (hashing >= AT_ONCE) await new Promise<void>((resolve) => waiting.push(resolve));
  hashing += 1;
  try {
    return await new Promise((resolve, reject) =>
      scrypt(password.normalize("NFKC"), salt, BYTES, { ...cost, maxmem: MAX_MEMORY }, (error, key) =>
        error === null ? resolve(key) : reject(error),
      ),
    );
  } finally {
    hashing -= 1;
    waiting.shift()?.();
  }
}
