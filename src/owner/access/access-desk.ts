import { systemClock } from "../../core/clock.ts";
import type { Instant } from "../../core/clock.ts";
import { momentOrNull } from "../../core/moment-text.ts";
import type { Role, TagLimit } from "../../core/role.ts";
import type { AccessChange } from "../../store/access.ts";
import { auditEntry } from "../audited-session.ts";
import type { RunSession } from "../run-session.ts";
import { apiToken } from "./api-token.ts";
import { hashPassword } from "./password.ts";

export interface UserFacts {
  readonly role?: Role;
  readonly tags?: TagLimit;
  /** As it was typed. */
  readonly password?: string;
  readonly disabled?: boolean;
}

export interface TokenFacts {
  readonly name: string;
  readonly role: Role;
  readonly tags: TagLimit;
  /** Whose it is; `null`: nobody's. */
  readonly user: string | null;
  readonly expiresAt: Instant | null;
}

/** Where users and tokens are changed. `false` and `null`: what it is about is not there, or is there already. */
export interface AccessDesk {
  addUser(name: string, facts: UserFacts): Promise<boolean>;
  changeUser(name: string, facts: UserFacts): Promise<boolean>;
  removeUser(name: string): Promise<boolean>;
  /** Its secret is told this once. */
  addToken(facts: TokenFacts): Promise<{ readonly id: number; readonly secret: string } | null>;
  revokeToken(id: number): Promise<boolean>;
  close(): Promise<void>;
}

/** Changes them in the store, each with its line in the audit log. */
export class StoreAccessDesk implements AccessDesk {
  readonly #session: RunSession;
  readonly #actor: string;

  constructor(session: RunSession, actor: string) {
    this.#session = session;
    this.#actor = actor;
  }

  async addUser(name: string, { role = "viewer", tags = null, password }: UserFacts): Promise<boolean> {
    const hash = password === undefined ? null : await hashPassword(password);
    const change: AccessChange = { kind: "create_user", name, role, tags, password: hash, at: systemClock.now() };
    return this.#apply(change, "user.create", name, null, { role, tags, ...said(password) });
  }

  async changeUser(name: string, { password, ...facts }: UserFacts): Promise<boolean> {
    const hash = password === undefined ? {} : { password: await hashPassword(password) };
    const change: AccessChange = { kind: "change_user", name, ...facts, ...hash };
    return this.#apply(change, "user.change", name, null, { ...facts, ...said(password) });
  }

  removeUser(name: string): Promise<boolean> {
    return this.#apply({ kind: "remove_user", name }, "user.remove", name, null, null);
  }

  async addToken({ name, role, tags, user, expiresAt }: TokenFacts) {
    const { secret, hash } = apiToken();
    const facts = { name, hash, user, role, tags, createdBy: this.#actor, at: systemClock.now(), expiresAt };
    const { applied, id } = await this.#session.administer(
      { kind: "create_token", ...facts },
      auditEntry(this.#actor, "token.create", name, null, { role, tags, user, expiresAt: momentOrNull(expiresAt) }),
    );
    return applied ? { id: id!, secret } : null;
  }

  revokeToken(id: number): Promise<boolean> {
    const change: AccessChange = { kind: "revoke_token", id, at: systemClock.now() };
    return this.#apply(change, "token.revoke", String(id), { revoked: false }, { revoked: true });
  }

  close(): Promise<void> {
    return this.#session.close(0);
  }

  async #apply(change: AccessChange, action: string, target: string, before: object | null, after: object | null) {
    const { applied } = await this.#session.administer(change, auditEntry(this.#actor, action, target, before, after));
    return applied;
  }
}

const said = (password: string | undefined) => (password === undefined ? {} : { password: "changed" });
