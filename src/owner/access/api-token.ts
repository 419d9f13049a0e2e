import { hashSecret, newSecret } from "./secret.ts";

/** A new token: shown once, and kept as its hash. Its beginning lets scanners of leaked secrets know it. */
export function apiToken(): { readonly secret: string; readonly hash: string } {
  const secret = `tutti_${newSecret()}`;
  return { secret, hash: hashSecret(secret) };
}
