import type { Duration } from "../../core/duration.ts";

/** How a connection's requests are made. */
export interface HttpOptions {
  /**
   * What becomes of user and password in the connection's URL: `Authorization: Basic`, `Authorization: Bearer` with the password, or a header
   * whose value is the password. Default: `"basic"` where the URL has a user, else `"bearer"`.
   */
  readonly auth?: "basic" | "bearer" | { readonly header: string };
  /** Sent with every request; no secrets: those stand in the connection's URL. Default: none. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Of one try, until its whole answer is there. Default: `"30s"`. */
  readonly timeout?: Duration;
  /** How often a request is sent at most, where sending it again is safe. Default: 4. */
  readonly tries?: number;
  /** Of an answer that is read whole, in bytes. Default: 64 MiB. */
  readonly maxBytes?: number;
}

export interface HttpCallOptions {
  /** A list repeats its key; `undefined` leaves it out. Default: none. */
  readonly query?: Readonly<Record<string, string | number | boolean | readonly (string | number)[] | undefined>>;
  /** Beside those of the connection. Default: none. */
  readonly headers?: Readonly<Record<string, string>>;
  /** For servers that recognise a repeated call by the header `Idempotency-Key`: `ctx.idempotencyKey`. Then a `POST` is tried again, too. Default: none. */
  readonly idempotencyKey?: string;
  /** Default: that of the connection. */
  readonly timeout?: Duration;
  /** Ends the request. Default: that of the task which sends it. */
  readonly signal?: AbortSignal;
}

/** What may be sent: text, bytes or form fields as they are, anything else as JSON. */
export type HttpBody = string | Uint8Array | URLSearchParams | object | null;

export interface HttpReply<T> {
  readonly status: number;
  /** By lower-case name. */
  readonly headers: Readonly<Record<string, string>>;
  /** JSON as what it means, other text as text, `null` when there is none. What it is said to be; nothing checks it. */
  readonly body: T;
}
