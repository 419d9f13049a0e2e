import type { Secrets, SealedSecret } from "../../store/secrets.ts";
import { SECRET_KINDS } from "../../store/secrets.ts";
import type { AccessChange } from "../../store/access.ts";
import { rewrapValue } from "./envelope.ts";
import type { KeyRing } from "./key-ring.ts";

export interface Rotated {
  readonly rewrapped: readonly SealedSecret[];
  /** Those that were under the first key already. */
  readonly kept: number;
}

/**
 * Puts everything that is kept under the ring's first key: only the small key of each value is encrypted anew. It may be broken off and begun again.
 * @throws TuttiError `ENCRYPTION_KEY_WRONG`, `SECRET_DAMAGED`, before anything else is changed
 */
export async function rotateSecrets(
  secrets: Pick<Secrets, "list" | "sealed">,
  ring: KeyRing,
  write: (change: AccessChange & { kind: "rewrap_secret" }) => Promise<boolean>,
): Promise<Rotated> {
  const rows: SealedSecret[] = [];
  for (const kind of SECRET_KINDS) {
    const names = (await secrets.list(kind)).map(({ name }) => name);
    rows.push(...(await secrets.sealed(kind, names)));
  }
  const changes = rows.map((row) => ({ row, rewrapped: rewrapValue(row, ring) }));
  const rewrapped: SealedSecret[] = [];
  for (const { row, rewrapped: next } of changes)
    if (next !== null) {
      const { kind: of, name, sealed: from } = row;
      // Set anew meanwhile: then it is under the first key.
      if (await write({ kind: "rewrap_secret", of, name, from, ...next })) rewrapped.push(row);
    }
  return { rewrapped, kept: rows.length - rewrapped.length };
}
