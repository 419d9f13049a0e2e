import { systemClock } from "../../core/clock.ts";
import { TuttiError } from "../../core/errors.ts";
import type { WebhookFacts } from "../../store/webhooks.ts";
import type { SecretSource } from "../secrets/secret-source.ts";
import { outsideRequest } from "./outside-request.ts";
import { signedMessage, type WebhookMessage } from "./webhook-message.ts";

/** Shorter than receivers in code have: whoever wants to do much answers first. */
const LIMIT_MS = 10_000;

export interface WebhookSenderDeps {
  readonly secrets: SecretSource;
  /** `webhookHosts` of the configuration. */
  readonly innerHosts: readonly string[];
}

/** Signs messages and sends them. */
export class WebhookSender {
  readonly #deps: WebhookSenderDeps;

  constructor(deps: WebhookSenderDeps) {
    this.#deps = deps;
  }

  /** Answers with the status of the answer. @throws TuttiError `WEBHOOK_FAILED`, `WEBHOOK_TIMED_OUT`, `WEBHOOK_REFUSED`, `SECRET_NOT_FOUND` */
  async send({ url, secret: named }: Pick<WebhookFacts, "url" | "secret">, message: WebhookMessage): Promise<number> {
    const secret = await this.#secret(named);
    const target = new URL(url);
    const { headers, body } = signedMessage(message, secret, Math.floor(systemClock.now() / 1_000_000));
    const { innerHosts } = this.#deps;
    const status = await sent(outsideRequest({ url: target, headers, body, limitMs: LIMIT_MS, innerHosts }), target);
    if (status >= 200 && status < 300) return status;
    throw new TuttiError("WEBHOOK_FAILED", `"${target.host}" answered ${status}; it must be 200 to 299.`);
  }

  async #secret(name: string): Promise<string> {
    const { values, problems } = await this.#deps.secrets.read({
      kind: "secret",
      names: [name],
      workflow: null,
      task: null,
    });
    const value = values[name];
    if (value !== undefined && value !== "") return value;
    const problem = problems[name];
    if (problem !== undefined) throw new TuttiError(problem.code ?? "SECRET_NOT_FOUND", problem.message);
    throw new TuttiError(
      "SECRET_NOT_FOUND",
      `There is no secret "${name}" to sign messages with. Keep one, for all workflows: tutti secrets set ${name}`,
    );
  }
}

async function sent(request: Promise<number>, { host }: URL): Promise<number> {
  try {
    return await request;
  } catch (cause) {
    if (cause instanceof TuttiError) throw cause;
    const { code, message } = cause as NodeJS.ErrnoException;
    throw new TuttiError("WEBHOOK_FAILED", `"${host}" can't be reached: ${code ?? message}`, { cause });
  }
}
