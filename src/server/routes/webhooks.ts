import type { Static } from "typebox";
import { type Webhook, webhookContracts } from "../../api/webhook-contracts.ts";
import { TuttiError } from "../../core/errors.ts";
import { momentOrNull, momentText } from "../../core/moment-text.ts";
import { StoreWebhookDesk } from "../../owner/webhooks/webhook-desk.ts";
import type { WebhookRecord } from "../../store/webhooks.ts";
import type { Caller } from "../caller.ts";
import { forbidden } from "../failure.ts";
import { on } from "../handler.ts";
import { PageCursor, sliced } from "../page-cursor.ts";
import type { ServerContext } from "../server-context.ts";

export const webhookRoutes = [
  on(webhookContracts.list, async ({ query, caller }, server) => {
    const page = sliced(await all(caller, server), query, new PageCursor("webhooks", query));
    return { ...page, items: page.items.map(document) };
  }),

  on(webhookContracts.get, async ({ params, caller }, server) => {
    const found = (await all(caller, server)).find(({ id }) => id === Number(params.webhook));
    if (found === undefined) throw new TuttiError("WEBHOOK_NOT_FOUND", `There is no webhook ${params.webhook}.`);
    return document(found);
  }),

  on(webhookContracts.add, async ({ body, caller }, server) => document(await (await desk(caller, server)).add(body))),

  on(webhookContracts.change, async ({ params, body, caller }, server) =>
    document(await (await desk(caller, server)).change(Number(params.webhook), body)),
  ),

  on(webhookContracts.remove, async ({ params, caller }, server) => {
    await (await desk(caller, server)).remove(Number(params.webhook));
    return undefined;
  }),

  on(webhookContracts.test, async ({ params, caller }, server) => {
    const { status, tookMs, error } = await (await desk(caller, server)).test(Number(params.webhook));
    return { status, tookMs, error };
  }),
];

function all(caller: Caller, { reader }: ServerContext): Promise<readonly WebhookRecord[]> {
  requireWhole(caller);
  return reader.webhooks.list();
}

async function desk(caller: Caller, server: ServerContext): Promise<StoreWebhookDesk> {
  requireWhole(caller);
  return new StoreWebhookDesk({
    session: await server.session(),
    webhooks: server.reader.webhooks,
    sender: server.sender,
    innerHosts: server.config.webhookHosts,
    actor: caller.actor,
  });
}

/** A webhook may tell of any workflow. */
function requireWhole({ tags }: Caller): void {
  if (tags !== null)
    throw forbidden(`A webhook may tell of any workflow, and you are limited to those with ${tags.join(", ")}.`);
}

const document = ({
  id,
  name,
  url,
  secret,
  events,
  workflows,
  disabled,
  ...rest
}: WebhookRecord): Static<typeof Webhook> => ({
  id,
  name,
  url,
  secret,
  events: [...events],
  workflows: workflows && [...workflows],
  disabled,
  createdAt: momentText(rest.createdAt),
  createdBy: rest.createdBy,
  waiting: rest.waiting,
  failed: rest.failed,
  deliveredAt: momentOrNull(rest.deliveredAt),
  lastError: rest.lastError,
});
