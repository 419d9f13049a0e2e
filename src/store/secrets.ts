import type { Instant } from "../core/clock.ts";
import type { TagLimit } from "../core/role.ts";

export const SECRET_KINDS = ["connection", "secret"] as const;
export type SecretKind = (typeof SECRET_KINDS)[number];

/** Connections and secrets that users keep in the store, encrypted. They are written as changes of access are, with their line in the audit log. */
export interface Secrets {
  /** By name. */
  list(kind: SecretKind): Promise<readonly SecretRecord[]>;
  /** Those of these that there are, as they are kept. */
  sealed(kind: SecretKind, names: readonly string[]): Promise<readonly SealedSecret[]>;
  /** How processes that never have the key are given what they need; `null`: there is one process. */
  readonly deliveries: SecretDeliveries | null;
}

export interface SecretRecord {
  readonly kind: SecretKind;
  readonly name: string;
  /** Of the key that opens it. */
  readonly keyId: string;
  /** Of a connection: its URL without what is secret in it. */
  readonly shown: string | null;
  readonly description: string | null;
  /** The tags whose workflows may use it; `null`: all workflows. */
  readonly tags: TagLimit;
  readonly createdAt: Instant;
  readonly updatedAt: Instant;
  /** As the audit log has it. */
  readonly updatedBy: string;
}

export interface SealedSecret extends Pick<SecretRecord, "kind" | "name" | "keyId" | "tags"> {
  readonly sealed: string;
}

/** A worker asks for what one claim of its needs; whoever has the key answers, so that only this worker can read it. */
export interface SecretDeliveries {
  /** Answers the number of the request. */
  ask(request: NewSecretRequest): Promise<number>;
  /** The answer, once, and the request is gone; `null`: there is none yet. */
  take(id: number): Promise<string | null>;
  /** Nobody waits for it any more. */
  drop(id: number): Promise<void>;
  /** Requests without an answer whose claim still holds, oldest first. Others are removed. */
  open(limit: number): Promise<readonly SecretRequest[]>;
  /** `false`: it has one, or is gone. */
  answer(id: number, answer: string): Promise<boolean>;
}

export interface NewSecretRequest {
  readonly worker: string;
  readonly taskRunId: number;
  readonly claim: number;
  readonly kind: SecretKind;
  readonly names: readonly string[];
  readonly publicKey: string;
}

export interface SecretRequest extends NewSecretRequest {
  readonly id: number;
  /** Of the run that the claim is of. */
  readonly workflow: string;
  readonly versionId: number;
}

/** How many secrets are listed at most. */
export const MAX_SECRETS = 10_000;
/** Requests that nobody has answered go after this. */
export const REQUEST_KEPT_US = 600_000_000;
