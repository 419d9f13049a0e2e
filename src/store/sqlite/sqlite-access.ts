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
import { toStoredText } from "../stored-text.ts";
import { fromSecret } from "../secret-row.ts";
import { fromWebhook, MAX_WEBHOOKS } from "../webhooks.ts";
import * as q from "./access.sql.ts";
import * as secrets from "./secret.sql.ts";
import * as webhooks from "./webhook.sql.ts";
import type { OwnedFile } from "./owned-file.ts";
import type { SqliteConnection } from "./sqlite-connection.ts";

const DONE: AccessResult = { applied: true };
const NOT_DONE: AccessResult = { applied: false };

/** Who may do what, in the file that its owner writes. */
export class SqliteAccess implements Access {
  readonly #file: OwnedFile;
  readonly #connection: SqliteConnection;

  constructor(file: OwnedFile) {
    this.#file = file;
    this.#connection = file.connection;
  }

  async apply(change: AccessChange, audit: AuditEntry | null): Promise<AccessResult> {
    return this.#file.write(() => {
      const result = this.#do(change);
      if (result.applied && audit !== null) this.#connection.run(q.insertAudit(fromAudit(audit)));
      return result;
    });
  }

  #do(change: AccessChange): AccessResult {
    const run = (query: Parameters<SqliteConnection["run"]>[0]) => this.#connection.run(query) > 0;
    switch (change.kind) {
      case "create_user":
        return { applied: run(q.insertAccount({ ...change, tags: fromTags(change.tags) })) };
      case "change_user":
        return this.#changeUser(change);
      case "remove_user":
        return this.#removeUser(change.name);
      case "open_session": {
        run(q.deleteExpiredSessions({ now: change.at }));
        const user = this.#user(change.user);
        if (user === null || user.disabled === 1) return NOT_DONE;
        return { applied: run(q.insertSession({ ...change, account: user.id })) };
      }
      case "close_session":
        return { applied: run(q.deleteSession(change)) };
      case "create_token": {
        const account = change.user === null ? null : (this.#user(change.user)?.id ?? undefined);
        if (account === undefined) return NOT_DONE;
        const id = this.#connection.insert(q.insertToken({ ...change, account, tags: fromTags(change.tags) }));
        return id === null ? NOT_DONE : { applied: true, id };
      }
      case "revoke_token":
        return { applied: run(q.revokeToken(change)) };
      case "touch_token":
        return { applied: run(q.touchToken(change)) };
      case "put_secret":
        return { applied: run(secrets.putSecret(fromSecret(change))) };
      case "rewrap_secret":
        return { applied: run(secrets.rewrapSecret({ ...change, name: toStoredText(change.name) })) };
      case "remove_secret":
        return { applied: run(secrets.deleteSecret({ ...change, name: toStoredText(change.name) })) };
      case "put_webhook":
        return this.#putWebhook(change);
      case "remove_webhook":
        run(webhooks.dropMessagesOf(change));
        return { applied: run(webhooks.deleteWebhook(change)) };
      case "record":
        return DONE;
      case "claim_key": {
        run(q.deleteOldKeys({ before: change.at - KEY_KEPT_US }));
        const applied = run(q.insertKey(change));
        return { applied, key: this.#connection.get<NonNullable<AccessResult["key"]>>(q.getKey(change))! };
      }
    }
  }

  #putWebhook({ id, webhook, at, by }: AccessChange & { kind: "put_webhook" }): AccessResult {
    const row = fromWebhook(webhook);
    if (id !== undefined) return { applied: this.#connection.run(webhooks.updateWebhook({ ...row, id })) > 0, id };
    const made = this.#connection.insert(webhooks.insertWebhook({ ...row, at, by, most: MAX_WEBHOOKS }));
    return made === null ? NOT_DONE : { applied: true, id: made };
  }

  #changeUser({ name, role, tags, password, disabled }: AccessChange & { kind: "change_user" }): AccessResult {
    const user = this.#user(name);
    if (user === null) return NOT_DONE;
    this.#connection.run(
      q.updateAccount({
        id: user.id,
        role: role ?? user.role,
        tags: tags === undefined ? user.tags : fromTags(tags),
        password: password ?? user.password,
        disabled: disabled === undefined ? Number(user.disabled) : Number(disabled),
      }),
    );
    // Whoever knew the old password, or was let in before, is no longer.
    if (password !== undefined || disabled === true) this.#connection.run(q.deleteSessionsOf({ account: user.id }));
    this.#keepAnAdmin(user);
    return DONE;
  }

  #removeUser(name: string): AccessResult {
    const user = this.#user(name);
    if (user === null) return NOT_DONE;
    this.#connection.run(q.deleteSessionsOf({ account: user.id }));
    this.#connection.run(q.deleteTokensOf({ account: user.id }));
    this.#connection.run(q.deleteAccount({ id: user.id }));
    this.#keepAnAdmin(user);
    return DONE;
  }

  #keepAnAdmin(before: UserRow): void {
    const wasAdmin = before.role === "admin" && before.disabled === 0 && before.password !== null;
    if (wasAdmin && this.#connection.get<{ n: number }>(q.countAdmins())!.n === 0) throw lastAdmin(before.name);
  }

  #user(name: string): UserRow | null {
    return this.#connection.get<UserRow>(q.getAccount({ name }));
  }
}

/** Reads it on any connection. */
export class SqliteAccessReader implements AccessReader {
  readonly #connection: SqliteConnection;

  constructor(connection: SqliteConnection) {
    this.#connection = connection;
  }

  async users(): Promise<readonly UserRecord[]> {
    return this.#connection.all<UserRow>(q.listAccounts({ limit: MAX_LISTED })).map(toUser);
  }

  async credential(name: string): Promise<Credential | null> {
    const row = this.#connection.get<UserRow>(q.getAccount({ name }));
    return row === null ? null : { user: toUser(row), password: row.password };
  }

  async session(hash: string, now: Instant): Promise<UserRecord | null> {
    const row = this.#connection.get<UserRow>(q.getSession({ hash, now }));
    return row === null ? null : toUser(row);
  }

  async tokens(): Promise<readonly TokenRecord[]> {
    return this.#connection.all<TokenRow>(q.listTokens({ limit: MAX_LISTED })).map(toToken);
  }

  async token(hash: string) {
    const row = this.#connection.get<TokenRow>(q.getToken({ hash }));
    if (row === null) return null;
    const user = row.user_name === null ? null : await this.credential(row.user_name);
    return { token: toToken(row), user: user?.user ?? null };
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
    return this.#connection.all<AuditRow>(query).map(toAudit);
  }
}
