import { randomUUID } from "node:crypto";
import type { Alert, Notifier } from "../../authoring/alert.ts";
import { connection, type Connection } from "../../authoring/connection.ts";
import { TuttiError } from "../../core/errors.ts";
import { given } from "../given.ts";
import { authorization, httpTarget } from "../http/http-target.ts";
import { post, signalFor } from "../http/post.ts";
import { alertMessage } from "../notify/alert-message.ts";
import { signature } from "./signature.ts";

export interface WebhookOptions {
  /** The data that an alert sends, as plain JSON. Default: the alert with its message. */
  readonly template?: (alert: Alert) => object;
}

export interface WebhookCallOptions {
  /** The receiver's name for this message, the same when it is sent again: `ctx.idempotencyKey`. Default: a random one. */
  readonly id?: string;
  readonly signal?: AbortSignal;
}

/** A receiver of one's own: called inside a task, or given as a notifier. */
export interface Webhook extends Notifier {
  /**
   * Sends `{ type, timestamp, data }`. With its id the receiver recognises a repeat, so it is tried again while the receiver fails.
   *
   * @throws HttpFailed `HTTP_FAILED`. HttpUnreachable `HTTP_UNREACHABLE`. HttpTimedOut `HTTP_TIMED_OUT`.
   */
  send(type: string, data: object, options?: WebhookCallOptions): Promise<{ readonly id: string }>;
}

/**
 * A webhook, signed as Standard Webhooks has it: headers `webhook-id`, `webhook-timestamp` and, with a secret in the connection's URL,
 * `webhook-signature`. `https://:whsec_…@hooks.example.com/tutti`; with a user before the secret it is basic authentication instead.
 *
 * @example
 * const ops = webhook("ops"); // TUTTI_CONNECTION_OPS=https://:whsec_…@hooks.example.com/tutti
 *
 * const tell = task("tell", async ({ rows }: { rows: number }, ctx) => {
 *   await ops.send("sales.loaded", { day: ctx.date, rows }, { id: ctx.idempotencyKey });
 * });
 */
export const webhook = (name: string, options: WebhookOptions = {}): Webhook => new Receiver(connection(name), options);

class Receiver implements Webhook {
  readonly name: string;
  readonly #connection: Connection;
  readonly #options: WebhookOptions;

  constructor(connection: Connection, options: WebhookOptions) {
    this.name = `webhook ${connection.name}`;
    this.#connection = connection;
    this.#options = options;
  }

  readonly notify = async (alert: Alert, call: { readonly signal?: AbortSignal } = {}): Promise<void> => {
    const data = this.#options.template?.(alert) ?? { ...alert, message: alertMessage(alert) };
    await this.send(`alert.${alert.event}`, data, { ...call, id: alert.id });
  };

  async send(type: string, data: object, options: WebhookCallOptions = {}): Promise<{ readonly id: string }> {
    const at = given(this.#connection);
    if (at.kind === "fake") return await at.call("send", [type, data, options]);
    const target = httpTarget(this.#connection, at.url);
    const id = idOf(options.id);
    const now = new Date();
    const body = JSON.stringify({ type, timestamp: now.toISOString(), data });
    await post({
      what: `The webhook of connection "${this.#connection.name}"`,
      url: target.base,
      headers: {
        "webhook-id": id,
        "webhook-timestamp": String(Math.floor(now.getTime() / 1000)),
        ...(target.user === "" ? signature(target.password, id, now, body) : authorization(target)),
      },
      body,
      idempotent: true,
      signal: signalFor(this.#connection, options),
    });
    return { id };
  }
}

function idOf(given: string | undefined): string {
  if (given === undefined) return randomUUID();
  // A dot would let one signed text stand for another.
  const id = given.replaceAll(/[^\w:/@-]/g, "_");
  if (id === "") throw new TuttiError("HTTP_REFUSED", "The id of a webhook's message is empty.");
  return id;
}
