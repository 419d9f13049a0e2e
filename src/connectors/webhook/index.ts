export { type Alert, type Notifier } from "../../authoring/alert.ts";
export { webhook, type Webhook, type WebhookCallOptions, type WebhookOptions } from "./webhook.ts";
