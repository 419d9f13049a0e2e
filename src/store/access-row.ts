import { TuttiError } from "../core/errors.ts";
import type { Role, TagLimit } from "../core/role.ts";
import { fromStoredText, toStoredText } from "./stored-text.ts";
import type { AuditEntry, AuditRecord, TokenRecord, UserRecord } from "./access.ts";

// Rows as every database hands them over.
export interface UserRow {
  readonly id: number;
  readonly name: string;
  readonly role: Role;
  readonly tags: string | null;
  readonly password: string | null;
  readonly disabled: boolean | number;
  readonly created_at: number;
}

export interface TokenRow {
  readonly id: number;
  readonly name: string;
  readonly user_name: string | null;
  readonly role: Role;
  readonly tags: string | null;
  readonly created_by: string;
  readonly created_at: number;
  readonly expires_at: number | null;
  readonly last_used_at: number | null;
  readonly revoked_at: number | null;
}

export interface AuditRow {
  readonly id: number;
  readonly at: number;
  readonly actor: string;
  readonly action: string;
  readonly target: string;
  readonly before: string | null;
  readonly after: string | null;
}

export const toTags = (text: string | null): TagLimit => (text === null ? null : (JSON.parse(text) as string[]));
export const fromTags = (tags: TagLimit): string | null => (tags === null ? null : JSON.stringify(tags));

export const toUser = ({ name, role, tags, password, disabled, created_at }: UserRow): UserRecord => ({
  name,
  role,
  tags: toTags(tags),
  disabled: Boolean(disabled),
  hasPassword: password !== null,
  createdAt: created_at,
});

export const toToken = (row: TokenRow): TokenRecord => ({
  id: row.id,
  name: row.name,
  user: row.user_name,
  role: row.role,
  tags: toTags(row.tags),
  createdBy: row.created_by,
  createdAt: row.created_at,
  expiresAt: row.expires_at,
  lastUsedAt: row.last_used_at,
  revokedAt: row.revoked_at,
});

/** Actors and targets are what somebody typed. */
export const fromAudit = (entry: AuditEntry): AuditEntry => ({
  ...entry,
  actor: toStoredText(entry.actor),
  target: toStoredText(entry.target),
});

export const toAudit = (row: AuditRow): AuditRecord => ({
  ...row,
  actor: fromStoredText(row.actor),
  target: fromStoredText(row.target),
});

/** Somebody must be left who can let others in. */
export const lastAdmin = (name: string): TuttiError =>
  new TuttiError(
    "LAST_ADMIN",
    `User "${name}" is the last admin that can sign in. Make somebody else an admin first: tutti users add <name> --role admin`,
  );
