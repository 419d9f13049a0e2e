import { connection } from "../../authoring/connection.ts";
import type { HttpBody, HttpCallOptions, HttpOptions, HttpReply } from "./http-options.ts";
import { HttpHandle } from "./http-handle.ts";

/** A server by name of connection. Paths are seen from its URL, and can't leave it. */
export interface Http {
  readonly name: string;
  /** @throws HttpFailed `HTTP_FAILED` with `status`. HttpUnreachable `HTTP_UNREACHABLE`. HttpTimedOut `HTTP_TIMED_OUT`. TuttiError `HTTP_REFUSED`, `HTTP_BODY_TOO_LARGE`. RetryAfter for a server that asks for more than a minute. */
  get<T = unknown>(path: string, options?: HttpCallOptions): Promise<HttpReply<T>>;
  /** Sent once, unless the server did nothing (429, no connection) or `idempotencyKey` says that a repeat is safe. */
  post<T = unknown>(path: string, body: HttpBody, options?: HttpCallOptions): Promise<HttpReply<T>>;
  put<T = unknown>(path: string, body: HttpBody, options?: HttpCallOptions): Promise<HttpReply<T>>;
  /** As often as `post`. */
  patch<T = unknown>(path: string, body: HttpBody, options?: HttpCallOptions): Promise<HttpReply<T>>;
  delete<T = unknown>(path: string, options?: HttpCallOptions): Promise<HttpReply<T>>;
  /** The answer as a stream, for what does not fit in memory: `ctx.artifact("dump.csv").write(await crm.download("/dump.csv"))`. `timeout` is until it begins. */
  download(path: string, options?: HttpCallOptions): Promise<ReadableStream<Uint8Array>>;
}

/**
 * Declares the connection `name` to a server that speaks HTTP. A secret stands in the URL, `https://:token@api.example.com/v1` or
 * `https://user:password@…`, and is in no message or log. Requests end with the task that sends them; they are sent again only where that is safe.
 *
 * @example
 * const crm = http("crm"); // TUTTI_CONNECTION_CRM=https://:token@crm.example.com/api
 *
 * const orders = task("orders", async (_: void, ctx) => {
 *   const { body } = await crm.get<{ id: number }[]>("/orders", { query: { day: ctx.date } });
 *   await crm.post("/imports", { day: ctx.date, orders: body.length }, { idempotencyKey: ctx.idempotencyKey });
 *   return body.length;
 * });
 */
export const http = (name: string, options: HttpOptions = {}): Http => new HttpHandle(connection(name), options);
