import { createHmac } from "node:crypto";

/** What a receiver is sent, as Standard Webhooks has it. */
export interface WebhookMessage {
  /** The same when it is sent again. */
  readonly id: string;
  /** `run.failed`. */
  readonly type: string;
  /** When it happened, ISO 8601. */
  readonly timestamp: string;
  readonly data: object;
}

const PREFIX = "whsec_";

/** Its body, and the headers that show who sent it. A secret that begins with `whsec_` is base64, any other is the text itself. */
export function signedMessage(
  { id, type, timestamp, data }: WebhookMessage,
  secret: string,
  nowS: number,
): { readonly headers: Readonly<Record<string, string>>; readonly body: string } {
  const body = JSON.stringify({ type, timestamp, data });
  const key = secret.startsWith(PREFIX) ? Buffer.from(secret.slice(PREFIX.length), "base64") : secret;
  const signature = createHmac("sha256", key).update(`${id}.${nowS}.${body}`).digest("base64");
  return {
    headers: {
      "content-type": "application/json",
      "user-agent": "tutti",
      "webhook-id": id,
      "webhook-timestamp": String(nowS),
      "webhook-signature": `v1,${signature}`,
    },
    body,
  };
}
