import type { Static } from "typebox";
import type { Webhook } from "../../api/webhook-contracts.ts";
import type { TuttiClient } from "../../client/tutti-client.ts";
import type { ErrorData } from "../../core/errors.ts";
import type { WebhookRecord } from "../../store/webhooks.ts";
import type { GivenWebhook } from "../webhooks/given-webhook.ts";
import type { WebhookDesk, WebhookTest } from "../webhooks/webhook-desk.ts";
import { allPages } from "./all-pages.ts";
import { instant, instantOrNull } from "./from-documents.ts";

/** Changes webhooks through a server, as whoever the token is of. */
export class ServerWebhookDesk implements WebhookDesk {
  readonly #client: TuttiClient;

  constructor(client: TuttiClient) {
    this.#client = client;
  }

  async list(): Promise<readonly WebhookRecord[]> {
    const found = await allPages(Infinity, (query) => this.#client.get("/api/webhooks", { query }));
    return found.map(webhook);
  }

  async add(given: GivenWebhook): Promise<WebhookRecord> {
    return webhook(await this.#client.post("/api/webhooks", { body: bodyOf(given) as never }));
  }

  async change(id: number, given: Partial<GivenWebhook>): Promise<WebhookRecord> {
    const asked = { params: paramsOf(id), body: bodyOf(given) as never };
    return webhook(await this.#client.patch("/api/webhooks/{webhook}", asked));
  }

  async remove(id: number): Promise<void> {
    await this.#client.delete("/api/webhooks/{webhook}", { params: paramsOf(id) });
  }

  async test(id: number): Promise<WebhookTest> {
    const found = await this.#client.post("/api/webhooks/{webhook}/test", { params: paramsOf(id) });
    return { ...found, error: found.error as ErrorData | null };
  }

  async close(): Promise<void> {}
}

const paramsOf = (id: number) => ({ webhook: String(id) });

/** What the server does not know it says itself: words are checked there. */
const bodyOf = (given: Partial<GivenWebhook>): object =>
  Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));

const webhook = ({ createdAt, deliveredAt, lastError, ...facts }: Static<typeof Webhook>): WebhookRecord => ({
  ...facts,
  createdAt: instant(createdAt),
  deliveredAt: instantOrNull(deliveredAt),
  lastError: lastError as ErrorData | null,
});
