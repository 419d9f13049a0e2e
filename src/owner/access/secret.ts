import { createHash, createHmac, randomBytes, timingSafeEqual } from "node:crypto";

/** 256 bits that nobody guesses. */
export const newSecret = (): string => randomBytes(32).toString("base64url");

/** What of a secret is kept. It has 256 bits of its own, so no slow hash is needed. */
export const hashSecret = (secret: string): string => createHash("sha256").update(secret).digest("base64url");

/** What belongs to a secret, and leads nobody back to it. */
export const derived = (secret: string, use: string): string =>
  createHmac("sha256", secret).update(use).digest("base64url");

/** In a time that tells nothing. */
export const sameSecret = (a: string, b: string): boolean =>
  timingSafeEqual(createHash("sha256").update(a).digest(), createHash("sha256").update(b).digest());
