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
  insert into account (name, role, tags, password, created_at) values (${p.name}, ${p.role}, ${p.tags}, ${p.password}, ${p.at})
  on conflict (name) do nothing`;

export const updateAccount = (p: {
  id: number;
  role: string;
  tags: string | null;
  password: string | null;
  disabled: number;
}) => sql("updateAccount")`
  update account set role = ${p.role}, tags = ${p.tags}, password = ${p.password}, disabled = ${p.disabled} where id = ${p.id}`;

export const deleteAccount = (p: { id: number }) => sql("deleteAccount")`delete from account where id = ${p.id}`;

export const getAccount = (p: { name: string }) => sql("getAccount")`
  select id, name, role, tags, password, disabled, created_at from account where name = ${p.name}`;

export const listAccounts = (p: { limit: number }) => sql("listAccounts")`
  select id, name, role, tags, password, disabled, created_at from account order by name limit ${p.limit}`;

/** Those who can sign in and let others in. */
export const countAdmins = () => sql("countAdmins")`
  select count(*) as n from account where role = 'admin' and disabled = 0 and password is not null`;

export const insertSession = (p: { hash: string; account: number; at: Instant; expiresAt: Instant }) =>
  sql("insertSession")`
  insert into account_session (hash, account, created_at, expires_at) values (${p.hash}, ${p.account}, ${p.at}, ${p.expiresAt})`;

export const deleteSession = (p: { hash: string }) =>
  sql("deleteSession")`delete from account_session where hash = ${p.hash}`;

export const deleteSessionsOf = (p: { account: number }) =>
  sql("deleteSessionsOf")`delete from account_session where account = ${p.account}`;

export const deleteExpiredSessions = (p: { now: Instant }) =>
  sql("deleteExpiredSessions")`delete from account_session where expires_at <= ${p.now}`;

export const getSession = (p: { hash: string; now: Instant }) => sql("getSession")`
  select a.id, a.name, a.role, a.tags, a.password, a.disabled, a.created_at
  from account_session s join account a on a.id = s.account
  where s.hash = ${p.hash} and s.expires_at > ${p.now} and a.disabled = 0`;

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
  insert into api_token (name, hash, account, role, tags, created_by, created_at, expires_at)
  values (${p.name}, ${p.hash}, ${p.account}, ${p.role}, ${p.tags}, ${p.createdBy}, ${p.at}, ${p.expiresAt})`;

export const revokeToken = (p: { id: number; at: Instant }) =>
  sql("revokeToken")`update api_token set revoked_at = ${p.at} where id = ${p.id} and revoked_at is null`;

export const touchToken = (p: { id: number; at: Instant }) =>
  sql("touchToken")`update api_token set last_used_at = ${p.at} where id = ${p.id}`;

export const deleteTokensOf = (p: { account: number }) =>
  sql("deleteTokensOf")`delete from api_token where account = ${p.account}`;

export const listTokens = (p: { limit: number }) => sql("listTokens")`
  select t.id, t.name, a.name as user_name, t.role, t.tags, t.created_by, t.created_at, t.expires_at, t.last_used_at, t.revoked_at
  from api_token t left join account a on a.id = t.account order by t.id limit ${p.limit}`;

export const getToken = (p: { hash: string }) => sql("getToken")`
  select t.id, t.name, a.name as user_name, t.role, t.tags, t.created_by, t.created_at, t.expires_at, t.last_used_at, t.revoked_at
  from api_token t left join account a on a.id = t.account where t.hash = ${p.hash}`;

export const insertAudit = (p: AuditEntry) => sql("insertAudit")`
  insert into audit_entry (at, actor, action, target, before, after)
  values (${p.at}, ${p.actor}, ${p.action}, ${p.target}, ${p.before}, ${p.after})`;

export interface AuditPage {
  readonly limit: number;
  readonly before: number;
  readonly action: string | null;
}

export const listAudit = (p: AuditPage) => sql("listAudit")`
  select * from audit_entry where id < ${p.before} and (${p.action} is null or action = ${p.action}) order by id desc limit ${p.limit}`;

export const listAuditOfTarget = (p: AuditPage & { target: string; actor: string | null }) => sql("listAuditOfTarget")`
  select * from audit_entry
  where target = ${p.target} and id < ${p.before} and (${p.action} is null or action = ${p.action}) and (${p.actor} is null or actor = ${p.actor})
  order by id desc limit ${p.limit}`;

export const listAuditOfActor = (p: AuditPage & { actor: string }) => sql("listAuditOfActor")`
  select * from audit_entry
  where actor = ${p.actor} and id < ${p.before} and (${p.action} is null or action = ${p.action}) order by id desc limit ${p.limit}`;

export const insertKey = (p: { actor: string; key: string; fingerprint: string; subject: string; at: Instant }) =>
  sql("insertKey")`
  insert into idempotency_key (actor, key, fingerprint, subject, created_at)
  values (${p.actor}, ${p.key}, ${p.fingerprint}, ${p.subject}, ${p.at}) on conflict (actor, key) do nothing`;

export const getKey = (p: { actor: string; key: string }) => sql("getKey")`
  select fingerprint, subject from idempotency_key where actor = ${p.actor} and key = ${p.key}`;

export const deleteOldKeys = (p: { before: Instant }) =>
  sql("deleteOldKeys")`delete from idempotency_key where created_at < ${p.before}`;
