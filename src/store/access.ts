import type { Instant } from "../core/clock.ts";
import type { Role, TagLimit } from "../core/role.ts";
import type { SecretKind } from "./secrets.ts";
import type { WebhookFacts } from "./webhooks.ts";

/** Who may do what, and who did what. Secrets come here as hashes only. */
export interface Access {
  /**
   * One change with its line in the audit log: both, or neither. `applied: false`: what it is about is not there, or is there
   * already, and nothing was written.
   *
   * @throws TuttiError `LAST_ADMIN`
   */
  apply(change: AccessChange, audit: AuditEntry | null): Promise<AccessResult>;
}

export type AccessChange =
  | {
      readonly kind: "create_user";
      readonly name: string;
      readonly role: Role;
      readonly tags: TagLimit;
      /** As `hashPassword` gives it; `null`: nobody signs in under this name. */
      readonly password: string | null;
      readonly at: Instant;
    }
  | {
      readonly kind: "change_user";
      readonly name: string;
      readonly role?: Role;
      readonly tags?: TagLimit;
      readonly password?: string;
      readonly disabled?: boolean;
    }
  /** With sessions and tokens. */
  | { readonly kind: "remove_user"; readonly name: string }
  | {
      readonly kind: "open_session";
      readonly hash: string;
      readonly user: string;
      readonly at: Instant;
      readonly expiresAt: Instant;
    }
  | { readonly kind: "close_session"; readonly hash: string }
  | {
      readonly kind: "create_token";
      readonly name: string;
      readonly hash: string;
      /** Whose it is; `null`: nobody's, as for a program. */
      readonly user: string | null;
      readonly role: Role;
      readonly tags: TagLimit;
      readonly createdBy: string;
      readonly at: Instant;
      readonly expiresAt: Instant | null;
    }
  | { readonly kind: "revoke_token"; readonly id: number; readonly at: Instant }
  | { readonly kind: "touch_token"; readonly id: number; readonly at: Instant }
  | {
      readonly kind: "put_secret";
      readonly of: SecretKind;
      readonly name: string;
      readonly sealed: string;
      readonly keyId: string;
      readonly shown: string | null;
      readonly description: string | null;
      readonly tags: TagLimit;
      readonly at: Instant;
      readonly by: string;
    }
  /** The same value under another key, where it is still as it was read. */
  | {
      readonly kind: "rewrap_secret";
      readonly of: SecretKind;
      readonly name: string;
      readonly from: string;
      readonly sealed: string;
      readonly keyId: string;
    }
  | { readonly kind: "remove_secret"; readonly of: SecretKind; readonly name: string }
  /** `id`: one that is there, as it is from now on. Absent: a new one, unless there are too many. */
  | {
      readonly kind: "put_webhook";
      readonly id?: number;
      readonly webhook: WebhookFacts;
      readonly at: Instant;
      readonly by: string;
    }
  /** With what it was to be told. */
  | { readonly kind: "remove_webhook"; readonly id: number }
  /** Nothing but the line in the audit log. */
  | { readonly kind: "record" }
  /** The first to use a key says what it stands for; everybody after is told that. */
  | {
      readonly kind: "claim_key";
      readonly actor: string;
      readonly key: string;
      /** Of what was asked for under it. */
      readonly fingerprint: string;
      /** What it stands for: the id of the run that is made, say. */
      readonly subject: string;
      readonly at: Instant;
    };

export interface AccessResult {
  readonly applied: boolean;
  /** Of a token or a webhook that was made. */
  readonly id?: number;
  /** Of a key: what it stands for, since whoever came first. */
  readonly key?: { readonly fingerprint: string; readonly subject: string };
}

/** A line of the audit log. */
export interface AuditEntry {
  readonly at: Instant;
  /** `user:ada`, `token:7`, `cli:ada`, `local:ada`. */
  readonly actor: string;
  /** A noun and what was done to it: `run.cancel`. */
  readonly action: string;
  /** What it was done to: a run's id, a workflow's or a user's name. */
  readonly target: string;
  /** What could be changed, as it was; JSON, never a secret. `null`: it was not there. */
  readonly before: string | null;
  readonly after: string | null;
}

export interface AuditRecord extends AuditEntry {
  readonly id: number;
}

export interface AuditQuery {
  readonly actor?: string;
  readonly action?: string;
  readonly target?: string;
  readonly limit: number;
  /** Only lines before this one: the last number of the page before. */
  readonly before?: number | null;
}

export interface UserRecord {
  readonly name: string;
  readonly role: Role;
  readonly tags: TagLimit;
  readonly disabled: boolean;
  readonly hasPassword: boolean;
  readonly createdAt: Instant;
}

export interface TokenRecord {
  readonly id: number;
  readonly name: string;
  readonly user: string | null;
  readonly role: Role;
  readonly tags: TagLimit;
  readonly createdBy: string;
  readonly createdAt: Instant;
  readonly expiresAt: Instant | null;
  readonly lastUsedAt: Instant | null;
  readonly revokedAt: Instant | null;
}

/** A user together with what shows that it is this one. */
export interface Credential {
  readonly user: UserRecord;
  /** The hash of the password; `null`: it has none. */
  readonly password: string | null;
}

/** Reads who may do what. */
export interface AccessReader {
  /** By name. */
  users(): Promise<readonly UserRecord[]>;
  credential(name: string): Promise<Credential | null>;
  /** Whose session it is that has not expired at this moment. */
  session(hash: string, now: Instant): Promise<UserRecord | null>;
  /** By number. */
  tokens(): Promise<readonly TokenRecord[]>;
  /** With its user; `null`: there is no such token. Whether it still counts is for the caller to say. */
  token(hash: string): Promise<{ readonly token: TokenRecord; readonly user: UserRecord | null } | null>;
  /** Newest first. */
  audit(query: AuditQuery): Promise<readonly AuditRecord[]>;
}

/** How many users and tokens are listed at most. */
export const MAX_LISTED = 10_000;
/** A key is forgotten after this; whoever asks again by then starts again. */
export const KEY_KEPT_US = 24 * 3_600_000_000;
