import { toErrorData } from "../../core/error-data.ts";
import type { ErrorData } from "../../core/errors.ts";
import { momentText } from "../../core/moment-text.ts";
import { alertMessage, type AlertMessageDeps } from "../../engine/alerts/alert-message.ts";
import { WEBHOOK_GONE } from "../../engine/alerts/alert-service.ts";
import type { Config } from "../../loader/config.ts";
import type { AlertRecord } from "../../store/alerts.ts";
import type { Store } from "../../store/store.ts";
import { ownSecrets } from "../secrets/own-secrets.ts";
import { WebhookSender } from "./webhook-sender.ts";

export interface WebhookPostDeps {
  readonly config: Config;
  readonly store: Store;
  readonly lines: AlertMessageDeps["lines"];
}

/** How this process tells webhooks what stands for them in the outbox. */
export function webhookPost({
  config,
  store,
  lines,
}: WebhookPostDeps): (alert: AlertRecord) => Promise<ErrorData | null> {
  const sender = new WebhookSender({ secrets: ownSecrets(config, store), innerHosts: config.webhookHosts });
  const facts = { store, lines, publicUrl: config.publicUrl };
  return async (alert) => {
    const webhook = (await store.webhooks.list()).find(({ id }) => id === alert.webhook?.id);
    if (webhook === undefined) return WEBHOOK_GONE;
    try {
      const data = await dataOf(alert, facts);
      const message = { id: messageId(alert), type: alert.event, timestamp: momentText(alert.at), data };
      await sender.send(webhook, message);
      return null;
    } catch (error) {
      const { stack: _stack, ...problem } = toErrorData(error);
      return problem;
    }
  };
}

const messageId = ({ id, at }: AlertRecord): string => `tutti_${at.toString(36)}_${id}`;

interface Told {
  readonly name?: string;
  readonly key?: string | null;
  readonly partition?: string | null;
  readonly payload?: unknown;
}

async function dataOf(alert: AlertRecord, facts: AlertMessageDeps): Promise<object> {
  const { workflow, runId, event } = alert;
  const told = JSON.parse(alert.webhook!.payload) as Told;
  const { name, key = null, partition = null, payload = null } = told;
  if (event.startsWith("run.")) return { workflow, runId, ...told, ...(await endOf(alert, facts)) };
  if (event === "event.emitted") return { event: name, key, payload, workflow, runId };
  if (event === "asset.updated") return { asset: name, partition, metadata: payload, workflow, runId };
  return { asset: name, check: key, partition, finding: payload, workflow, runId };
}

/** What the store knows now about how the run ended: what failed, and where to look. */
async function endOf(alert: AlertRecord, facts: AlertMessageDeps): Promise<object> {
  const failed = alert.event === "run.failed";
  const { failedTasks, error, url } = await alertMessage(
    { ...facts, lines: async () => [] },
    { ...alert, event: failed ? "failed" : "succeeded" },
  );
  const { stack: _stack, ...problem } = error ?? {};
  return { url, ...(failed && { failedTasks, error: error === null ? null : problem }) };
}
