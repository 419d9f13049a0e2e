import { TuttiError } from "../../core/errors.ts";
import { isWebhookEvent, WEBHOOK_EVENTS, type WebhookEvent } from "../../core/webhook-event.ts";
import type { WebhookFacts } from "../../store/webhooks.ts";
import { checkSecretName } from "../secrets/keep-secret.ts";
import { isInner } from "./inner-address.ts";
import { hostOf } from "./outside-request.ts";
import { isIP } from "node:net";

/** A webhook as somebody asks for it. */
export interface GivenWebhook {
  readonly url: string;
  readonly secret: string;
  readonly events: readonly string[];
  /** Default: all. */
  readonly workflows?: readonly string[] | null | undefined;
  /** Default: its host. */
  readonly name?: string | undefined;
  /** Default: false. */
  readonly disabled?: boolean | undefined;
}

const MAX_URL_LENGTH = 2000;

/** @throws TuttiError `BAD_WEBHOOK`, `BAD_NAME`, `WEBHOOK_REFUSED` */
export function readWebhook(given: GivenWebhook, innerHosts: readonly string[]): WebhookFacts {
  const { events, workflows = null, disabled = false } = given;
  const url = readUrl(given.url, innerHosts);
  checkSecretName("secret", given.secret);
  const unknown = events.find((event) => !isWebhookEvent(event));
  if (unknown !== undefined || events.length === 0)
    throw bad(
      `${unknown === undefined ? "A webhook is told of something" : `"${unknown}" is nothing that a webhook is told of`}: give one or more of ${WEBHOOK_EVENTS.join(", ")}.`,
    );
  if (workflows?.length === 0) throw bad("Name a workflow, or leave them out for all.");
  const name = given.name ?? hostOf(url);
  if (name.trim() === "" || name.length > 100 || /[\p{Cc}\p{Cs}]/u.test(name))
    throw bad("Its name has 1 to 100 printable characters.");
  return {
    url: url.href,
    name,
    secret: given.secret,
    events: [...new Set(events as WebhookEvent[])],
    workflows: workflows === null ? null : [...new Set(workflows)],
    disabled,
  };
}

function readUrl(text: string, innerHosts: readonly string[]): URL {
  const url = text.length <= MAX_URL_LENGTH && URL.canParse(text) ? new URL(text) : null;
  if (url === null || !/^https?:$/.test(url.protocol))
    throw bad(`A webhook has a URL such as https://hooks.example.com/tutti, of at most ${MAX_URL_LENGTH} characters.`);
  if (url.username !== "" || url.password !== "")
    throw bad("The URL of a webhook holds no user or password: messages are signed, and the receiver checks that.");
  const host = hostOf(url);
  if (innerHosts.includes(host)) return url;
  // What a name leads to is looked at when it is asked, each time.
  if (isIP(host) !== 0 && isInner(host))
    throw new TuttiError(
      "WEBHOOK_REFUSED",
      `"${host}" is an address of this machine's own network. To let webhooks go there, name it in tutti.config.ts: webhookHosts: ["${host}"]`,
    );
  if (url.protocol === "http:")
    throw bad(
      `Over "http:" others can read along. Use https, or, for a host of your own network, name it in tutti.config.ts: webhookHosts: ["${host}"]`,
    );
  return url;
}

const bad = (message: string): TuttiError => new TuttiError("BAD_WEBHOOK", message);
