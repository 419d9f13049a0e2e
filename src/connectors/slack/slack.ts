import type { Alert, Notifier } from "../../authoring/alert.ts";
import { connection, type Connection } from "../../authoring/connection.ts";
import { TuttiError } from "../../core/errors.ts";
import { given } from "../given.ts";
import { httpTarget } from "../http/http-target.ts";
import { post, signalFor } from "../http/post.ts";
import { type AlertTemplate, messageFor } from "../notify/template.ts";
import { escapeSlack, type SlackMessage, slackPayload } from "./slack-payload.ts";

export interface SlackOptions {
  /** The name of the connection. Default: `"slack"`. */
  readonly connection?: string;
  /** What is said about an alert. Default: what failed, its error, the end of its log, a link. */
  readonly template?: AlertTemplate;
}

/** Where a message is. Both are `null` after an incoming webhook, which does not say. */
export interface SlackSent {
  readonly channel: string | null;
  /** The message's id in its channel; with `threadOf` the next one answers it. */
  readonly ts: string | null;
}

/** One channel of Slack: called inside a task, or given as a notifier. */
export interface SlackChannel extends Notifier {
  /**
   * Sends once: only where Slack was busy or nobody answered the call is it tried again, so a message is never doubled.
   *
   * @throws HttpFailed `HTTP_FAILED`. HttpUnreachable `HTTP_UNREACHABLE`. HttpTimedOut `HTTP_TIMED_OUT`. TuttiError `SLACK_REFUSED`.
   */
  send(
    message: SlackMessage,
    options?: { readonly threadOf?: string; readonly signal?: AbortSignal },
  ): Promise<SlackSent>;
}

interface Slack {
  (channel: string, options?: SlackOptions): SlackChannel;
  /** Takes the meaning out of a text, for `{ mrkdwn }`. */
  readonly escape: (text: string) => string;
}

/**
 * A channel of Slack. The connection is an incoming webhook, `https://hooks.slack.com/services/…`, which has a channel of its own whatever
 * `channel` says, or the Web API with a bot's token, `https://:xoxb-…@slack.com/api`, which posts to any channel the bot is in.
 *
 * @example
 * const alerts = slack("#data-alerts"); // TUTTI_CONNECTION_SLACK=https://hooks.slack.com/services/…
 *
 * const tell = task("tell", async ({ rows }: { rows: number }, ctx) => {
 *   await alerts.send({ title: `Sales of ${ctx.date} are in`, level: "success", fields: { rows } });
 * });
 */
export const slack: Slack = Object.assign(
  (channel: string, options: SlackOptions = {}): SlackChannel =>
    new Channel(channel, connection(options.connection ?? "slack"), options.template),
  { escape: escapeSlack },
);

class Channel implements SlackChannel {
  readonly name: string;
  readonly #channel: string;
  readonly #connection: Connection;
  readonly #template: AlertTemplate | undefined;

  constructor(channel: string, connection: Connection, template: AlertTemplate | undefined) {
    if (typeof channel !== "string" || !/^\S+$/.test(channel))
      throw new TuttiError("BAD_NAME", `slack("${channel}") names no channel. Write it like "#data-alerts".`);
    this.name = `slack ${channel}`;
    this.#channel = channel;
    this.#connection = connection;
    this.#template = template;
  }

  readonly notify = async (alert: Alert, call?: { readonly signal?: AbortSignal }): Promise<void> => {
    await this.send(messageFor(alert, this.#template), call);
  };

  async send(
    message: SlackMessage,
    options: { readonly threadOf?: string; readonly signal?: AbortSignal } = {},
  ): Promise<SlackSent> {
    const at = given(this.#connection);
    if (at.kind === "fake") return await at.call("send", [message, { channel: this.#channel, ...options }]);
    const { base, password } = httpTarget(this.#connection, at.url);
    const url = new URL(base);
    if (password !== "") url.pathname = `${url.pathname.replace(/\/$/, "")}/chat.postMessage`;
    const answer = await post({
      what: `Slack, for "${this.#channel}" over connection "${this.#connection.name}",`,
      url,
      headers:
        password === ""
          ? {}
          : { authorization: `Bearer ${password}`, "content-type": "application/json; charset=utf-8" },
      body: JSON.stringify({
        channel: this.#channel,
        ...slackPayload(message),
        ...(options.threadOf === undefined ? {} : { thread_ts: options.threadOf }),
      }),
      idempotent: false,
      signal: signalFor(this.#connection, options),
    });
    return password === "" ? { channel: null, ts: null } : this.#sent(answer);
  }

  /** The Web API answers 200 to what it refuses. */
  #sent(answer: string): SlackSent {
    const { ok, error, channel, ts } = parsed(answer);
    if (ok === true) return { channel: channel ?? null, ts: ts ?? null };
    throw new TuttiError(
      "SLACK_REFUSED",
      `Slack refused the message for "${this.#channel}": ${error ?? "it did not say why"}.`,
    );
  }
}

interface Answer {
  readonly ok?: unknown;
  readonly error?: string;
  readonly channel?: string;
  readonly ts?: string;
}

function parsed(answer: string): Answer {
  try {
    return JSON.parse(answer) as Answer;
  } catch {
    return { error: "its answer is no JSON; is the connection's URL right?" };
  }
}
