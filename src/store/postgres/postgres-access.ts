import type { Instant } from "../../core/clock.ts";
import {
  type Access,
  type AccessChange,
  type AccessReader,
  type AccessResult,
  type AuditEntry,
  type AuditQuery,
  type AuditRecord,
  type Credential,
  KEY_KEPT_US,
  MAX_LISTED,
  type TokenRecord,
  type UserRecord,
} from "../access.ts";
import {
  type AuditRow,
  fromAudit,
  fromTags,
  lastAdmin,
  toAudit,
  toToken,
  type TokenRow,
  toUser,
  type UserRow,
} from "../access-row.ts";
import { fromSecret } from "../secret-row.ts";
import * as q from "./access.sql.ts";
import * as secrets from "./secret.sql.ts";
import { webhookRow } from "./postgres-webhooks.ts";
import * as webhooks from "./webhook.sql.ts";
import type { PostgresConnection, Session } from "./postgres-connection.ts";
import { fromStoredText, toStoredText } from "../stored-text.ts";
import { MAX_WEBHOOKS } from "../webhooks.ts";

const DONE: AccessResult = { applied: true };
const NOT_DONE: AccessResult = { applied: false };

/** Who may do what, in a database that several processes write. */
export class PostgresAccess implements Access {
  readonly #connection: PostgresConnection;

  constructor(connection: PostgresConnection) {
    this.#connection = connection;
  }

  async apply(change: AccessChange, audit: AuditEntry | null): Promise<AccessResult> {
    return this.#connection.transaction(async (session) => {
      const result = await done(session, change);
      if (result.applied && audit !== null) await session.run(q.insertAudit(fromAudit(audit)));
      return result;
    });
  }
}

async function done(session: Session, change: AccessChange): Promise<AccessResult> {
  const run = async (query: Parameters<Session["run"]>[0]) => ({ applied: (await session.run(query)) > 0 });
  switch (change.kind) {
    case "create_user":
      return run(q.insertAccount({ ...change, tags: fromTags(change.tags) }));
    case "change_user":
      return changeUser(session, change);
    case "remove_user":
      return removeUser(session, change.name);
    case "open_session": {
      await session.run(q.deleteExpiredSessions({ now: change.at }));
      const user = await account(session, change.user);
      if (user === null || user.disabled === true) return NOT_DONE;
      return run(q.insertSession({ ...change, account: user.id }));
    }
    case "close_session":
      return run(q.deleteSession(change));
    case "create_token": {
      const of = change.user === null ? null : ((await account(session, change.user))?.id ?? undefined);
      if (of === undefined) return NOT_DONE;
      const row = await session.get<{ id: number }>(
        q.insertToken({
          ...change,
          account: of,
          tags: fromTags(change.tags),
          createdBy: toStoredText(change.createdBy),
        }),
      );
      return row === null ? NOT_DONE : { applied: true, id: row.id };
    }
    case "revoke_token":
      return run(q.revokeToken(change));
    case "touch_token":
      return run(q.touchToken(change));
    case "put_secret":
      return run(secrets.putSecret(fromSecret(change)));
    case "rewrap_secret":
      return run(secrets.rewrapSecret({ ...change, name: toStoredText(change.name) }));
    case "remove_secret":
      return run(secrets.deleteSecret({ ...change, name: toStoredText(change.name) }));
    case "put_webhook": {
      const row = webhookRow(change.webhook);
      const { id, at, by } = change;
      if (id !== undefined) return { ...(await run(webhooks.updateWebhook({ ...row, id }))), id };
      const made = webhooks.insertWebhook({ ...row, at, by: toStoredText(by), most: MAX_WEBHOOKS });
      const inserted = await session.get<{ id: number }>(made);
      return inserted === null ? NOT_DONE : { applied: true, id: inserted.id };
    }
    case "remove_webhook":
      await session.run(webhooks.dropMessagesOf(change));
      return run(webhooks.deleteWebhook(change));
    case "record":
      return DONE;
    case "claim_key": {
      await session.run(q.deleteOldKeys({ before: change.at - KEY_KEPT_US }));
      const claimed = { ...change, actor: toStoredText(change.actor) };
      const { applied } = await run(q.insertKey(claimed));
      return { applied, key: (await session.get<NonNullable<AccessResult["key"]>>(q.getKey(claimed)))! };
    }
  }
}

async function changeUser(
  session: Session,
  { name, role, tags, password, disabled }: AccessChange & { kind: "change_user" },
): Promise<AccessResult> {
  await session.all(q.lockAdmins());
  const user = await account(session, name);
  if (user === null) return NOT_DONE;
  await session.run(
    q.updateAccount({
      id: user.id,
      role: role ?? user.role,
      tags: tags === undefined ? user.tags : fromTags(tags),
      password: password ?? user.password,
      disabled: Number(disabled ?? user.disabled),
    }),
  );
  // Whoever knew the old password, or was let in before, is no longer.
  if (password !== undefined || disabled === true) await session.run(q.deleteSessionsOf({ account: user.id }));
  await keepAnAdmin(session, user);
  return DONE;
}

async function removeUser(session: Session, name: string): Promise<AccessResult> {
  await session.all(q.lockAdmins());
  const user = await account(session, name);
  if (user === null) return NOT_DONE;
  await session.run(q.deleteSessionsOf({ account: user.id }));
  await session.run(q.deleteTokensOf({ account: user.id }));
  await session.run(q.deleteAccount({ id: user.id }));
  await keepAnAdmin(session, user);
  return DONE;
}

async function keepAnAdmin(session: Session, before: UserRow): Promise<void> {
  const wasAdmin = before.role === "admin" && before.disabled === false && before.password !== null;
  if (wasAdmin && (await session.all(q.lockAdmins())).length === 0) throw lastAdmin(before.name);
}

const account = (session: Session, name: string): Promise<UserRow | null> =>
  session.get<UserRow>(q.getAccount({ name: toStoredText(name) }));

/** Reads it beside those who write. */
export class PostgresAccessReader implements AccessReader {
  readonly #connection: PostgresConnection;

  constructor(connection: PostgresConnection) {
    this.#connection = connection;
  }

  async users(): Promise<readonly UserRecord[]> {
    return (await this.#connection.all<UserRow>(q.listAccounts({ limit: MAX_LISTED }))).map(toUser);
  }

  async credential(name: string): Promise<Credential | null> {
    const row = await this.#connection.get<UserRow>(q.getAccount({ name: toStoredText(name) }));
    return row === null ? null : { user: toUser(row), password: row.password };
  }

  async session(hash: string, now: Instant): Promise<UserRecord | null> {
    const row = await this.#connection.get<UserRow>(q.getSession({ hash, now }));
    return row === null ? null : toUser(row);
  }

  async tokens(): Promise<readonly TokenRecord[]> {
    return (await this.#connection.all<TokenRow>(q.listTokens({ limit: MAX_LISTED }))).map(tokenOf);
  }

  async token(hash: string) {
    const row = await this.#connection.get<TokenRow>(q.getToken({ hash }));
    if (row === null) return null;
    const user = row.user_name === null ? null : await this.credential(row.user_name);
    return { token: tokenOf(row), user: user?.user ?? null };
  }

  async audit({ actor, action, target, limit, before }: AuditQuery): Promise<readonly AuditRecord[]> {
    const page = { limit, before: before ?? Number.MAX_SAFE_INTEGER, action: action ?? null };
    const by = actor === undefined ? null : toStoredText(actor);
    const query =
      target !== undefined
        ? q.listAuditOfTarget({ ...page, target: toStoredText(target), actor: by })
        : by !== null
          ? q.listAuditOfActor({ ...page, actor: by })
          : q.listAudit(page);
    const rows = await this.#connection.all<AuditRow>(query);
    return rows.map(toAudit);
  }
}

const tokenOf = (row: TokenRow): TokenRecord => toToken({ ...row, created_by: fromStoredText(row.created_by) });
