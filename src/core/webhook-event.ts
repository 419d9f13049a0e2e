/**
 * What a webhook can be told of. A run that has ended; an asset that was updated; a check of one that did not pass; an event that somebody emitted.
 */
export const WEBHOOK_EVENTS = [
  "run.succeeded",
  "run.failed",
  "run.cancelled",
  "asset.updated",
  "check.warned",
  "check.failed",
  "event.emitted",
] as const;
export type WebhookEvent = (typeof WEBHOOK_EVENTS)[number];

export const isWebhookEvent = (event: string): event is WebhookEvent =>
  (WEBHOOK_EVENTS as readonly string[]).includes(event);
