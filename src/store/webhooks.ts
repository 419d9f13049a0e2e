import type { Instant } from "../core/clock.ts";
import type { ErrorData } from "../core/errors.ts";
import type { WebhookEvent } from "../core/webhook-event.ts";

/**
 * Addresses outside that are told of what happens. What is told stands in the outbox of alerts, written by the database in the transaction in which it
 * happens. They are written as changes of access are, with their line in the audit log.
 */
export interface Webhooks {
  /** By number, with how their messages do. */
  list(): Promise<readonly WebhookRecord[]>;
}

/** What somebody wants to be told, and where. */
export interface WebhookFacts {
  readonly url: string;
  /** For people, in lists that more may see than the URL. */
  readonly name: string;
  /** Name of the secret that messages are signed with. */
  readonly secret: string;
  readonly events: readonly WebhookEvent[];
  /** Only what runs of these do; `null`: of all, and what comes from outside. */
  readonly workflows: readonly string[] | null;
  /** It is told nothing for now. */
  readonly disabled: boolean;
}

export interface WebhookRecord extends WebhookFacts {
  readonly id: number;
  readonly createdAt: Instant;
  readonly createdBy: string;
  /** Messages that were not told yet, and those that could not be. */
  readonly waiting: number;
  readonly failed: number;
  readonly deliveredAt: Instant | null;
  /** What the last message that did not arrive failed with. */
  readonly lastError: ErrorData | null;
}

/** Each end of a run looks through all of them. */
export const MAX_WEBHOOKS = 100;

/** A row as every database hands it over. */
export interface WebhookRow {
  readonly id: number;
  readonly url: string;
  readonly name: string;
  readonly secret: string;
  readonly events: string;
  readonly workflows: string | null;
  readonly disabled: number | boolean;
  readonly created_at: number;
  readonly created_by: string;
  readonly waiting: number;
  readonly failed: number;
  readonly delivered_at: number | null;
  readonly last_error: string | null;
}

export const toWebhook = (row: WebhookRow): WebhookRecord => ({
  id: row.id,
  url: row.url,
  name: row.name,
  secret: row.secret,
  events: JSON.parse(row.events) as WebhookEvent[],
  workflows: row.workflows === null ? null : (JSON.parse(row.workflows) as string[]),
  disabled: Boolean(row.disabled),
  createdAt: row.created_at,
  createdBy: row.created_by,
  waiting: row.waiting,
  failed: row.failed,
  deliveredAt: row.delivered_at,
  lastError: row.last_error === null ? null : (JSON.parse(row.last_error) as ErrorData),
});

/** As a row is bound. */
export const fromWebhook = ({ url, name, secret, events, workflows, disabled }: WebhookFacts) => ({
  url,
  name,
  secret,
  events: JSON.stringify(events),
  workflows: workflows === null ? null : JSON.stringify(workflows),
  disabled: Number(disabled),
});
