import type { TagLimit } from "../core/role.ts";
import type { AccessChange } from "./access.ts";
import { fromTags } from "./access-row.ts";
import type { SealedSecret, SecretKind, SecretRecord } from "./secrets.ts";
import { fromStoredText, toStoredText } from "./stored-text.ts";

/** A row as every database hands it over. */
export interface SecretRow {
  readonly kind: SecretKind;
  readonly name: string;
  readonly key_id: string;
  readonly shown: string | null;
  readonly description: string | null;
  readonly tags: string | null;
  readonly created_at: number;
  readonly updated_at: number;
  readonly updated_by: string;
}

const toTags = (text: string | null): TagLimit => (text === null ? null : (JSON.parse(text) as string[]));

export const toSecret = (row: SecretRow): SecretRecord => ({
  kind: row.kind,
  name: fromStoredText(row.name),
  keyId: row.key_id,
  shown: row.shown && fromStoredText(row.shown),
  description: row.description && fromStoredText(row.description),
  tags: toTags(row.tags),
  createdAt: row.created_at,
  updatedAt: row.updated_at,
  updatedBy: fromStoredText(row.updated_by),
});

export interface SealedRow extends Pick<SecretRow, "kind" | "name" | "key_id" | "tags"> {
  readonly sealed: string;
}

export const toSealed = ({ key_id, tags, ...row }: SealedRow): SealedSecret => ({
  ...row,
  name: fromStoredText(row.name),
  keyId: key_id,
  tags: toTags(tags),
});

export const fromSecret = (change: AccessChange & { kind: "put_secret" }) => ({
  ...change,
  name: toStoredText(change.name),
  shown: change.shown && toStoredText(change.shown),
  description: change.description && toStoredText(change.description),
  by: toStoredText(change.by),
  tags: fromTags(change.tags),
});
