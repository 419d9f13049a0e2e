import type { Instant } from "../../core/clock.ts";
import { TuttiError } from "../../core/errors.ts";
import type { TagLimit } from "../../core/role.ts";
import { maskUrl } from "../../loader/mask-url.ts";
import type { AccessChange } from "../../store/access.ts";
import type { SecretKind } from "../../store/secrets.ts";
import { sealValue } from "./envelope.ts";
import type { KeyRing } from "./key-ring.ts";

/** Of one value, in bytes: a key file fits, a file of data does not. */
export const MAX_SECRET_BYTES = 64 * 1024;
const MAX_NAME_LENGTH = 200;

export interface GivenSecret {
  readonly kind: SecretKind;
  readonly name: string;
  readonly value: string;
  readonly tags: TagLimit;
  readonly description: string | null;
}

/** What is to be written so that it is kept: its value leaves this process encrypted only. @throws TuttiError `BAD_NAME`, `BAD_SECRET` */
export function keepSecret(
  { kind, name, value, tags, description }: GivenSecret,
  ring: KeyRing,
  { at, by }: { readonly at: Instant; readonly by: string },
): AccessChange & { kind: "put_secret" } {
  checkSecretName(kind, name);
  const bytes = Buffer.byteLength(value, "utf8");
  if (value.trim() === "" || bytes > MAX_SECRET_BYTES)
    throw new TuttiError("BAD_SECRET", `A ${kind} has 1 to ${MAX_SECRET_BYTES} bytes; this one has ${bytes}.`);
  if (kind === "connection" && !/^[a-z][a-z0-9+.-]*:/i.test(value))
    throw new TuttiError("BAD_SECRET", `A connection is a URL, such as postgres://user:password@host/database.`);
  const shown = kind === "connection" ? maskUrl(value) : null;
  return {
    kind: "put_secret",
    of: kind,
    name,
    ...sealValue(value, { kind, name }, ring),
    shown,
    description,
    tags,
    at,
    by,
  };
}

export function checkSecretName(kind: SecretKind, name: string): void {
  if (name !== "" && name.length <= MAX_NAME_LENGTH && name.trim() === name && !/[\p{Cc}\p{Cs}]/u.test(name)) return;
  throw new TuttiError(
    "BAD_NAME",
    `${JSON.stringify(name.slice(0, 80))} is no name for a ${kind}: use 1 to ${MAX_NAME_LENGTH} characters without line breaks, such as "orders".`,
  );
}

/** For the audit log: everything but the value. */
export const keptFacts = ({ tags, description, shown }: AccessChange & { kind: "put_secret" }): object => ({
  value: "set",
  tags,
  ...(description !== null && { description }),
  ...(shown !== null && { shown }),
});
