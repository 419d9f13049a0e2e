import type { Instant } from "../../core/clock.ts";
import type { NewSecretRequest, SecretKind } from "../secrets.ts";
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
  insert into tutti.secret (kind, name, sealed, key_id, shown, description, tags, created_at, updated_at, updated_by)
  values (${p.of}, ${p.name}, ${p.sealed}, ${p.keyId}, ${p.shown}, ${p.description}, ${p.tags}, tutti.instant(${p.at}::bigint),
    tutti.instant(${p.at}::bigint), ${p.by})
  on conflict (kind, name) do update set sealed = excluded.sealed, key_id = excluded.key_id, shown = excluded.shown,
    description = excluded.description, tags = excluded.tags, updated_at = excluded.updated_at, updated_by = excluded.updated_by`;

// Only what is still as it was read: who has changed it meanwhile has used the new key already, or is done again.
export const rewrapSecret = (p: { of: SecretKind; name: string; from: string; sealed: string; keyId: string }) => sql(
  "rewrapSecret",
)`
  update tutti.secret set sealed = ${p.sealed}, key_id = ${p.keyId} where kind = ${p.of} and name = ${p.name} and sealed = ${p.from}`;

export const deleteSecret = (p: { of: SecretKind; name: string }) =>
  sql("deleteSecret")`delete from tutti.secret where kind = ${p.of} and name = ${p.name}`;

export const listSecrets = (p: { kind: SecretKind; limit: number }) => sql("listSecrets")`
  select kind, name, key_id, shown, description, tags, tutti.micros(created_at) as created_at, tutti.micros(updated_at) as updated_at, updated_by
  from tutti.secret where kind = ${p.kind} order by name collate "C" limit ${p.limit}`;

// `names`: a JSON array.
export const listSealed = (p: { kind: SecretKind; names: string; limit: number }) => sql("listSealed")`
  select kind, name, key_id, tags, sealed from tutti.secret
  where kind = ${p.kind} and name in (select json_array_elements_text(${p.names}::json)) order by name collate "C" limit ${p.limit}`;

export const insertRequest = (p: Omit<NewSecretRequest, "names"> & { names: string }) => sql("insertRequest")`
  insert into tutti.secret_request (worker, task_run, claim, kind, names, public_key, created_at)
  values (${p.worker}, ${p.taskRunId}, ${p.claim}, ${p.kind}, ${p.names}, ${p.publicKey}, now()) returning id`;

export const takeAnswer = (p: { id: number }) => sql("takeAnswer")`
  delete from tutti.secret_request where id = ${p.id} and answer is not null returning answer`;

export const deleteRequest = (p: { id: number }) =>
  sql("deleteRequest")`delete from tutti.secret_request where id = ${p.id}`;

export interface RequestRow extends Omit<NewSecretRequest, "names" | "taskRunId" | "publicKey"> {
  readonly id: number;
  readonly names: string;
  readonly task_run: number;
  readonly public_key: string;
  readonly workflow: string;
  readonly version: number;
}

// The claim must be of the worker that asks: it runs there, and nobody has taken it.
export const listRequests = (p: { limit: number }) => sql("listRequests")`
  select q.id, q.worker, q.task_run, q.claim, q.kind, q.names, q.public_key, w.name as workflow, r.version
  from tutti.secret_request q
  join tutti.task_run t on t.id = q.task_run and t.claim = q.claim and t.state = 'running' and (t.worker = q.worker or t.worker = q.worker || '.offers')
  join tutti.run r on r.seq = t.run join tutti.workflow w on w.id = r.workflow
  where q.answer is null order by q.id limit ${p.limit}`;

export const deleteOldRequests = (p: { keptUs: number }) => sql("deleteOldRequests")`
  delete from tutti.secret_request where created_at < now() - ${p.keptUs}::bigint * interval '1 microsecond'`;

export const putAnswer = (p: { id: number; answer: string }) => sql("putAnswer")`
  update tutti.secret_request set answer = ${p.answer} where id = ${p.id} and answer is null`;
