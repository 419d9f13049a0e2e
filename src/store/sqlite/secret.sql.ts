import type { Instant } from "../../core/clock.ts";
import type { SecretKind } from "../secrets.ts";
import { sql } from "./sql.ts";

export interface NewSecretRow {
  readonly of: SecretKind;
  readonly name: string;
  readonly sealed: string;
  readonly keyId: string;
  readonly shown: string | null;
  readonly description: string | null;
  readonly tags: string | null;
  readonly at: Instant;
  readonly by: string;
}

export const putSecret = (p: NewSecretRow) => sql("putSecret")`
  insert into secret (kind, name, sealed, key_id, shown, description, tags, created_at, updated_at, updated_by)
  values (${p.of}, ${p.name}, ${p.sealed}, ${p.keyId}, ${p.shown}, ${p.description}, ${p.tags}, ${p.at}, ${p.at}, ${p.by})
  on conflict (kind, name) do update set sealed = excluded.sealed, key_id = excluded.key_id, shown = excluded.shown,
    description = excluded.description, tags = excluded.tags, updated_at = excluded.updated_at, updated_by = excluded.updated_by`;

// Only what is still as it was read: who has changed it meanwhile has used the new key already, or is done again.
export const rewrapSecret = (p: { of: SecretKind; name: string; from: string; sealed: string; keyId: string }) => sql(
  "rewrapSecret",
)`
  update secret set sealed = ${p.sealed}, key_id = ${p.keyId} where kind = ${p.of} and name = ${p.name} and sealed = ${p.from}`;

export const deleteSecret = (p: { of: SecretKind; name: string }) =>
  sql("deleteSecret")`delete from secret where kind = ${p.of} and name = ${p.name}`;

export const listSecrets = (p: { kind: SecretKind; limit: number }) => sql("listSecrets")`
  select kind, name, key_id, shown, description, tags, created_at, updated_at, updated_by from secret
  where kind = ${p.kind} order by name limit ${p.limit}`;

// `names`: a JSON array.
export const listSealed = (p: { kind: SecretKind; names: string; limit: number }) => sql("listSealed")`
  select kind, name, key_id, tags, sealed from secret
  where kind = ${p.kind} and name in (select value from json_each(${p.names})) order by name limit ${p.limit}`;
