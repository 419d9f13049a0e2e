import { createHmac } from "node:crypto";

const PREFIX = "whsec_";

/**
 * The header that proves who sent a message, as Standard Webhooks has it; none without a secret. A secret that begins with `whsec_` is base64,
 * any other is the text itself.
 */
export function signature(secret: string, id: string, at: Date, body: string): Readonly<Record<string, string>> {
  if (secret === "") return {};
  const key = secret.startsWith(PREFIX) ? Buffer.from(secret.slice(PREFIX.length), "base64") : Buffer.from(secret);
  const signed = createHmac("sha256", key)
    .update(`${id}.${Math.floor(at.getTime() / 1000)}.${body}`)
    .digest("base64");
  return { "webhook-signature": `v1,${signed}` };
}
