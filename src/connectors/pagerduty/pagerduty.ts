import type { Alert, Notifier } from "../../authoring/alert.ts";
import { connection, type Connection } from "../../authoring/connection.ts";
import { TuttiError } from "../../core/errors.ts";
import { given } from "../given.ts";
import { httpTarget } from "../http/http-target.ts";
import { post, signalFor } from "../http/post.ts";
import { cut } from "../notify/message.ts";
import { type AlertTemplate, messageFor } from "../notify/template.ts";

export interface PagerDutyOptions {
  /** The name of the connection. Default: `"pagerduty"`. */
  readonly connection?: string;
  /** Of incidents that an alert opens. Default: by the alert, `"error"` for a failure. */
  readonly severity?: Severity;
  /** What is said about an alert: the title is the incident's. Default: what failed, its error, the end of its log, a link. */
  readonly template?: AlertTemplate;
}

export type Severity = "critical" | "error" | "warning" | "info";

/** What has happened, and where. */
export interface Incident {
  /** One line, up to 1,024 characters. */
  readonly summary: string;
  /** What is broken: a host, a pipeline. */
  readonly source: string;
  readonly severity: Severity;
  /** One incident has one key: another trigger with it adds to the incident, `resolve` ends it. Default: PagerDuty makes one. */
  readonly key?: string;
  /** Plain JSON. Default: none. */
  readonly details?: Readonly<Record<string, unknown>>;
  readonly url?: string;
}

/** A service of PagerDuty: called inside a task, or given as a notifier. */
export interface PagerDuty extends Notifier {
  /**
   * Opens an incident, or adds to the one of its key, and gives the key.
   *
   * @throws HttpFailed `HTTP_FAILED`. HttpUnreachable `HTTP_UNREACHABLE`. HttpTimedOut `HTTP_TIMED_OUT`.
   */
  trigger(incident: Incident, call?: { readonly signal?: AbortSignal }): Promise<{ readonly key: string }>;
  /** Ends an incident; one that is not open stays as it is. */
  resolve(key: string, call?: { readonly signal?: AbortSignal }): Promise<void>;
}

const SEVERITIES = { error: "error", warning: "warning", info: "info", success: "info" } as const;
const SUMMARY_LENGTH = 1_024;
const KEY_LENGTH = 255;

/**
 * A service of PagerDuty, by the integration key of its Events API v2, which stands in the connection's URL:
 * `https://:<integration key>@events.pagerduty.com/v2/enqueue`. As a notifier it opens an incident for a failure, and the success that follows
 * ends it.
 *
 * @example
 * const oncall = pagerduty(); // TUTTI_CONNECTION_PAGERDUTY=https://:<integration key>@events.pagerduty.com/v2/enqueue
 *
 * const check = task("check", async ({ rows }: { rows: number }, ctx) => {
 *   if (rows === 0) await oncall.trigger({ summary: `No sales on ${ctx.date}`, source: "retail", severity: "critical", key: `sales-${ctx.date}` });
 * });
 */
export const pagerduty = (options: PagerDutyOptions = {}): PagerDuty =>
  new Service(connection(options.connection ?? "pagerduty"), options);

class Service implements PagerDuty {
  readonly name: string;
  readonly #connection: Connection;
  readonly #options: PagerDutyOptions;

  constructor(connection: Connection, options: PagerDutyOptions) {
    this.name = connection.name === "pagerduty" ? "pagerduty" : `pagerduty ${connection.name}`;
    this.#connection = connection;
    this.#options = options;
  }

  readonly notify = async (alert: Alert, call?: { readonly signal?: AbortSignal }): Promise<void> => {
    if (alert.event === "succeeded") return await this.resolve(alert.key, call);
    const { title, text, level = "error", fields, lines, url } = messageFor(alert, this.#options.template);
    await this.trigger(
      {
        summary: title,
        source: alert.workflow ?? "tutti",
        severity: this.#options.severity ?? SEVERITIES[level],
        key: alert.key,
        details: {
          ...(text === undefined ? {} : { text }),
          ...fields,
          ...(lines === undefined ? {} : { log: lines.join("\n") }),
        },
        ...(url === undefined ? {} : { url }),
      },
      call,
    );
  };

  async trigger(incident: Incident, call?: { readonly signal?: AbortSignal }): Promise<{ readonly key: string }> {
    const { summary, source, severity, key, details = {}, url } = incident;
    const answer = await this.#enqueue("trigger", [incident, call], call, {
      event_action: "trigger",
      ...(key === undefined ? {} : { dedup_key: keyOf(key) }),
      payload: { summary: cut(summary, SUMMARY_LENGTH), source, severity, custom_details: details },
      ...(url === undefined ? {} : { links: [{ href: url, text: "Open" }] }),
    });
    return { key: answer.dedup_key ?? key ?? "" };
  }

  async resolve(key: string, call?: { readonly signal?: AbortSignal }): Promise<void> {
    await this.#enqueue("resolve", [key, call], call, { event_action: "resolve", dedup_key: keyOf(key) });
  }

  async #enqueue(
    method: string,
    args: readonly unknown[],
    call: { readonly signal?: AbortSignal } | undefined,
    event: PagerEvent,
  ): Promise<{ readonly dedup_key?: string }> {
    const at = given(this.#connection);
    if (at.kind === "fake")
      return { dedup_key: (await at.call<Promise<{ key?: string } | undefined>>(method, args))?.key ?? "" };
    const { base, password } = httpTarget(this.#connection, at.url);
    if (password === "")
      throw new TuttiError(
        "CONNECTION_URL_REFUSED",
        `Connection "${this.#connection.name}": its URL needs the integration key: https://:<integration key>@events.pagerduty.com/v2/enqueue`,
      );
    const answer = await post({
      what: `PagerDuty, over connection "${this.#connection.name}",`,
      url: base,
      body: JSON.stringify({ routing_key: password, ...event }),
      // PagerDuty makes one incident of all events of a key.
      idempotent: event.dedup_key !== undefined,
      signal: signalFor(this.#connection, call),
    });
    return answerOf(answer);
  }
}

/** An event without its key, which the connection has. */
interface PagerEvent {
  readonly event_action: "trigger" | "resolve";
  readonly dedup_key?: string;
  readonly payload?: object;
  readonly links?: readonly object[];
}

const keyOf = (key: string): string => cut(key, KEY_LENGTH);

function answerOf(text: string): { readonly dedup_key?: string } {
  try {
    return JSON.parse(text) as { dedup_key?: string };
  } catch {
    return {};
  }
}
