import type { WebhookConfig } from "./define-config.ts";
import { Refused } from "./refused.ts";

const SCHEMES = ["standard", "github", "stripe"] as const satisfies readonly WebhookConfig["scheme"][];

export type Webhooks = Readonly<Record<string, Required<WebhookConfig>>>;

/** By the name of the event. */
export function readWebhooks(given: unknown): Webhooks {
  if (given === undefined) return {};
  if (typeof given !== "object" || given === null || Array.isArray(given))
    throw new Refused(`must be an object of events, such as { "orders.received": { secret: "orders-hook" } }`);
  return Object.fromEntries(Object.entries(given).map(([event, hook]) => [event, readHook(event, hook as object)]));
}

function readHook(event: string, hook: unknown): Required<WebhookConfig> {
  const { secret, scheme = "standard", ...more } = (hook ?? {}) as Record<string, unknown>;
  if (typeof secret !== "string" || !/^[\w.-]{1,200}$/.test(secret))
    throw new Refused(`must give "${event}" the name of a secret, such as { secret: "orders-hook" }`);
  const known = SCHEMES.find((each) => each === scheme);
  if (known === undefined) throw new Refused(`must sign "${event}" by one of ${SCHEMES.join(", ")}`);
  const [unknown] = Object.keys(more);
  if (unknown !== undefined) throw new Refused(`has no field "${unknown}" for "${event}"`);
  return { secret, scheme: known };
}
