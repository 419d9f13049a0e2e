import { systemClock } from "../../core/clock.ts";
import { toErrorData } from "../../core/error-data.ts";
import { type ErrorData, TuttiError } from "../../core/errors.ts";
import { momentText } from "../../core/moment-text.ts";
import { MAX_WEBHOOKS, type WebhookFacts, type WebhookRecord, type Webhooks } from "../../store/webhooks.ts";
import { newSecret } from "../access/secret.ts";
import { auditEntry } from "../audited-session.ts";
import type { RunSession } from "../run-session.ts";
import { type GivenWebhook, readWebhook } from "./given-webhook.ts";
import type { WebhookSender } from "./webhook-sender.ts";

/** What came of a test: nothing of what was answered but its status. */
export interface WebhookTest {
  /** Of HTTP; `null`: there was none, or none that counts. */
  readonly status: number | null;
  readonly tookMs: number;
  readonly error: ErrorData | null;
}

/** Where webhooks are listed, changed and tested. */
export interface WebhookDesk {
  list(): Promise<readonly WebhookRecord[]>;
  /** @throws TuttiError `BAD_WEBHOOK`, `WEBHOOK_REFUSED`, `TOO_MANY_WEBHOOKS` */
  add(given: GivenWebhook): Promise<WebhookRecord>;
  /** @throws TuttiError as `add`; `WEBHOOK_NOT_FOUND` */
  change(id: number, given: Partial<GivenWebhook>): Promise<WebhookRecord>;
  /** With what it was to be told. @throws TuttiError `WEBHOOK_NOT_FOUND` */
  remove(id: number): Promise<void>;
  /** Sends it a message that says that this is a test, once. @throws TuttiError `WEBHOOK_NOT_FOUND` */
  test(id: number): Promise<WebhookTest>;
  close(): Promise<void>;
}

export interface StoreWebhookDeskDeps {
  readonly session: Pick<RunSession, "administer">;
  readonly webhooks: Webhooks;
  readonly sender: WebhookSender;
  /** `webhookHosts` of the configuration. */
  readonly innerHosts: readonly string[];
  /** For the audit log. */
  readonly actor: string;
  readonly close?: () => Promise<void>;
}

/** Changes them in a store, each with its line in the audit log. */
export class StoreWebhookDesk implements WebhookDesk {
  readonly #deps: StoreWebhookDeskDeps;

  constructor(deps: StoreWebhookDeskDeps) {
    this.#deps = deps;
  }

  list(): Promise<readonly WebhookRecord[]> {
    return this.#deps.webhooks.list();
  }

  async add(given: GivenWebhook): Promise<WebhookRecord> {
    const { session, innerHosts, actor } = this.#deps;
    const webhook = readWebhook(given, innerHosts);
    const { applied, id } = await session.administer(
      { kind: "put_webhook", webhook, at: systemClock.now(), by: actor },
      auditEntry(actor, "webhook.create", webhook.name, null, shown(webhook)),
    );
    if (!applied)
      throw new TuttiError("TOO_MANY_WEBHOOKS", `There are ${MAX_WEBHOOKS} webhooks, which is as many as can be.`);
    return this.#one(id!);
  }

  async change(id: number, given: Partial<GivenWebhook>): Promise<WebhookRecord> {
    const { session, innerHosts, actor } = this.#deps;
    const before = await this.#one(id);
    // A name that was made of the address follows it.
    const named = given.url === undefined || before.name !== new URL(before.url).hostname ? { name: before.name } : {};
    const { url, secret, events, workflows, disabled } = before;
    const webhook = readWebhook({ url, secret, events, workflows, disabled, ...named, ...given }, innerHosts);
    const { applied } = await session.administer(
      { kind: "put_webhook", id, webhook, at: systemClock.now(), by: actor },
      auditEntry(actor, "webhook.change", String(id), shown(before), shown(webhook)),
    );
    if (!applied) throw notFound(id);
    return this.#one(id);
  }

  async remove(id: number): Promise<void> {
    const { session, actor } = this.#deps;
    const before = await this.#one(id);
    const audit = auditEntry(actor, "webhook.remove", String(id), shown(before), null);
    const { applied } = await session.administer({ kind: "remove_webhook", id }, audit);
    if (!applied) throw notFound(id);
  }

  async test(id: number): Promise<WebhookTest> {
    const { session, sender, actor } = this.#deps;
    const webhook = await this.#one(id);
    const timestamp = momentText(systemClock.now());
    const message = { id: `test_${newSecret()}`, type: "ping", timestamp, data: { webhook: id, name: webhook.name } };
    const begun = performance.now();
    const told = await sender.send(webhook, message).then(
      (status) => ({ status, error: null }),
      (error: unknown) => ({ status: null, error: plain(error) }),
    );
    const answer = { ...told, tookMs: Math.round(performance.now() - begun) };
    const audit = auditEntry(actor, "webhook.test", String(id), null, { told: told.error === null });
    await session.administer({ kind: "record" }, audit);
    return answer;
  }

  async close(): Promise<void> {
    await this.#deps.close?.();
  }

  async #one(id: number): Promise<WebhookRecord> {
    const found = (await this.list()).find((each) => each.id === id);
    if (found === undefined) throw notFound(id);
    return found;
  }
}

/** For the audit log. What stands behind "?" may be a key. */
const shown = ({ url, name, secret, events, workflows, disabled }: WebhookFacts): object => {
  const { origin, pathname } = new URL(url);
  return { url: `${origin}${pathname}`, name, secret, events, workflows, disabled };
};

const notFound = (id: number): TuttiError => new TuttiError("WEBHOOK_NOT_FOUND", `There is no webhook ${id}.`);

function plain(error: unknown): ErrorData {
  const { stack: _stack, cause: _cause, ...data } = toErrorData(error);
  return data;
}
