import type { Instant } from "../../core/clock.ts";
import type { AuditEntry } from "../access.ts";
import { sql } from "./sql.ts";

export const insertAccount = (p: {
  name: string;
  role: string;
  tags: string | null;
  password: string | null;
  at: Instant;
}) => sql("insertAccount")`
  insert into tutti.account (name, role, tags, password, created_at) values (${p.name}, ${p.role}, ${p.tags}, ${p.password}, tutti.instant(${p.at}::bigint))
  on conflict (name) do nothing`;

export const updateAccount = (p: {
  id: number;
  role: string;
  tags: string | null;
  password: string | null;
  disabled: number;
}) => sql("updateAccount")`
  update tutti.account set role = ${p.role}, tags = ${p.tags}, password = ${p.password}, disabled = ${p.disabled}::int = 1 where id = ${p.id}`;

export const deleteAccount = (p: { id: number }) => sql("deleteAccount")`delete from tutti.account where id = ${p.id}`;

export const getAccount = (p: { name: string }) => sql("getAccount")`
  select id, name, role, tags, password, disabled, tutti.micros(created_at) as created_at from tutti.account where name = ${p.name}`;

export const listAccounts = (p: { limit: number }) => sql("listAccounts")`
  select id, name, role, tags, password, disabled, tutti.micros(created_at) as created_at from tutti.account order by name collate "C" limit ${p.limit}`;

/** Those who can sign in and let others in; locked, so that of two who take the right from each other one is refused. */
export const lockAdmins = () => sql("lockAdmins")`
  select id from tutti.account where role = 'admin' and not disabled and password is not null order by id limit 10000 for update`;

export const insertSession = (p: { hash: string; account: number; at: Instant; expiresAt: Instant }) =>
  sql("insertSession")`
  insert into tutti.account_session (hash, account, created_at, expires_at) values (${p.hash}, ${p.account}, tutti.instant(${p.at}::bigint), tutti.instant(${p.expiresAt}::bigint))`;

export const deleteSession = (p: { hash: string }) =>
  sql("deleteSession")`delete from tutti.account_session where hash = ${p.hash}`;

export const deleteSessionsOf = (p: { account: number }) =>
  sql("deleteSessionsOf")`delete from tutti.account_session where account = ${p.account}`;

export const deleteExpiredSessions = (p: { now: Instant }) =>
  sql("deleteExpiredSessions")`delete from tutti.account_session where expires_at <= tutti.instant(${p.now}::bigint)`;

export const getSession = (p: { hash: string; now: Instant }) => sql("getSession")`
  select a.id, a.name, a.role, a.tags, a.password, a.disabled, tutti.micros(a.created_at) as created_at
  from tutti.account_session s join tutti.account a on a.id = s.account
  where s.hash = ${p.hash} and s.expires_at > tutti.instant(${p.now}::bigint) and not a.disabled`;

export const insertToken = (p: {
  name: string;
  hash: string;
  account: number | null;
  role: string;
  tags: string | null;
  createdBy: string;
  at: Instant;
  expiresAt: Instant | null;
}) => sql("insertToken")`
  insert into tutti.api_token (name, hash, account, role, tags, created_by, created_at, expires_at)
  values (${p.name}, ${p.hash}, ${p.account}, ${p.role}, ${p.tags}, ${p.createdBy}, tutti.instant(${p.at}::bigint), tutti.instant(${p.expiresAt}::bigint))
  on conflict (hash) do update set name = excluded.name returning id`;

export const revokeToken = (p: { id: number; at: Instant }) =>
  sql(
    "revokeToken",
  )`update tutti.api_token set revoked_at = tutti.instant(${p.at}::bigint) where id = ${p.id} and revoked_at is null`;

export const touchToken = (p: { id: number; at: Instant }) =>
  sql("touchToken")`update tutti.api_token set last_used_at = tutti.instant(${p.at}::bigint) where id = ${p.id}`;

export const deleteTokensOf = (p: { account: number }) =>
  sql("deleteTokensOf")`delete from tutti.api_token where account = ${p.account}`;

export const listTokens = (p: { limit: number }) => sql("listTokens")`
  select t.id, t.name, a.name as user_name, t.role, t.tags, t.created_by, tutti.micros(t.created_at) as created_at,
    tutti.micros(t.expires_at) as expires_at, tutti.micros(t.last_used_at) as last_used_at, tutti.micros(t.revoked_at) as revoked_at
  from tutti.api_token t left join tutti.account a on a.id = t.account order by t.id limit ${p.limit}`;

export const getToken = (p: { hash: string }) => sql("getToken")`
  select t.id, t.name, a.name as user_name, t.role, t.tags, t.created_by, tutti.micros(t.created_at) as created_at,
    tutti.micros(t.expires_at) as expires_at, tutti.micros(t.last_used_at) as last_used_at, tutti.micros(t.revoked_at) as revoked_at
  from tutti.api_token t left join tutti.account a on a.id = t.account where t.hash = ${p.hash}`;

export const insertAudit = (p: AuditEntry) => sql("insertAudit")`
  insert into tutti.audit_entry (at, actor, action, target, before, after)
  values (tutti.instant(${p.at}::bigint), ${p.actor}, ${p.action}, ${p.target}, ${p.before}, ${p.after})`;

export interface AuditPage {
  readonly limit: number;
  readonly before: number;
  readonly action: string | null;
}

export const listAudit = (p: AuditPage) => sql("listAudit")`
  select id, tutti.micros(at) as at, actor, action, target, before, after from tutti.audit_entry where id < ${p.before} and (${p.action}::text is null or action = ${p.action}) order by id desc limit ${p.limit}`;

export const listAuditOfTarget = (p: AuditPage & { target: string; actor: string | null }) => sql("listAuditOfTarget")`
  select id, tutti.micros(at) as at, actor, action, target, before, after from tutti.audit_entry
  where md5(target) = md5(${p.target}::text) and target = ${p.target} and id < ${p.before} and (${p.action}::text is null or action = ${p.action}) and (${p.actor}::text is null or actor = ${p.actor})
  order by id desc limit ${p.limit}`;

export const listAuditOfActor = (p: AuditPage & { actor: string }) => sql("listAuditOfActor")`
  select id, tutti.micros(at) as at, actor, action, target, before, after from tutti.audit_entry
  where md5(actor) = md5(${p.actor}::text) and actor = ${p.actor} and id < ${p.before} and (${p.action}::text is null or action = ${p.action}) order by id desc limit ${p.limit}`;

export const insertKey = (p: { actor: string; key: string; fingerprint: string; subject: string; at: Instant }) =>
  sql("insertKey")`
  insert into tutti.idempotency_key (actor, key, fingerprint, subject, created_at)
  values (${p.actor}, ${p.key}, ${p.fingerprint}, ${p.subject}, tutti.instant(${p.at}::bigint)) on conflict (actor, key) do nothing`;

export const getKey = (p: { actor: string; key: string }) => sql("getKey")`
  select fingerprint, subject from tutti.idempotency_key where actor = ${p.actor} and key = ${p.key}`;

export const deleteOldKeys = (p: { before: Instant }) =>
  sql("deleteOldKeys")`delete from tutti.idempotency_key where created_at < tutti.instant(${p.before}::bigint)`;
