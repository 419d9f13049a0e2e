import type { Instant } from "../../core/clock.ts";
import { sql } from "./sql.ts";

export interface NewWebhookRow {
  readonly url: string;
  readonly name: string;
  readonly secret: string;
  readonly events: string;
  readonly workflows: string | null;
  readonly disabled: number;
}

export const insertWebhook = (p: NewWebhookRow & { at: Instant; by: string; most: number }) => sql("insertWebhook")`
  insert into webhook (url, name, secret, events, workflows, disabled, created_at, created_by)
  select ${p.url}, ${p.name}, ${p.secret}, ${p.events}, ${p.workflows}, ${p.disabled}, ${p.at}, ${p.by}
  where (select count(*) from webhook) < ${p.most}`;

export const updateWebhook = (p: NewWebhookRow & { id: number }) => sql("updateWebhook")`
  update webhook set url = ${p.url}, name = ${p.name}, secret = ${p.secret}, events = ${p.events}, workflows = ${p.workflows}, disabled = ${p.disabled}
  where id = ${p.id}`;

export const deleteWebhook = (p: { id: number }) => sql("deleteWebhook")`delete from webhook where id = ${p.id}`;

// What was to be told by it is told no more.
export const dropMessagesOf = (p: { id: number }) =>
  sql("dropMessagesOf")`delete from alert where webhook = ${p.id} and (state = 'trying' or state = 'failed')`;

export const listWebhooks = (p: { limit: number }) => sql("listWebhooks")`
  select h.id, h.url, h.name, h.secret, h.events, h.workflows, h.disabled, h.created_at, h.created_by,
    (select count(*) from alert a where a.webhook = h.id and a.state = 'trying') as waiting,
    (select count(*) from alert a where a.webhook = h.id and a.state = 'failed') as failed,
    (select max(a.delivered_at) from alert a where a.webhook = h.id and a.state = 'delivered') as delivered_at,
    (select a.last_error from alert a where a.webhook = h.id and a.last_error is not null order by a.id desc limit 1) as last_error
  from webhook h order by h.id limit ${p.limit}`;
