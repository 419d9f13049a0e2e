import type { Alert, Notifier } from "../../authoring/alert.ts";
import { connection, type Connection } from "../../authoring/connection.ts";
import { given } from "../given.ts";
import { signalFor } from "../http/post.ts";
import { type AlertTemplate, messageFor } from "../notify/template.ts";
import { deliver, type EmailSent } from "./deliver.ts";
import { mailRefused } from "./email-failed.ts";
import { addresses, type EmailMessage, mailParts } from "./mail.ts";
import { escapeHtml } from "./message-html.ts";
import { smtpServer } from "./smtp-url.ts";

export interface EmailOptions {
  /** The name of the connection. Default: `"smtp"`. */
  readonly connection?: string;
  /** Whom mails are from: `"Tutti <tutti@example.com>"`. Default: `from` of the connection's URL. */
  readonly from?: string;
  /** What is said about an alert. Default: what failed, its error, the end of its log, a link. */
  readonly template?: AlertTemplate;
}

export interface EmailCallOptions {
  /** The same for a mail that may be sent again, `ctx.idempotencyKey`: mailboxes recognise it by its `Message-ID`. Default: none. */
  readonly idempotencyKey?: string;
  readonly signal?: AbortSignal;
}

/** One or more people: called inside a task, or given as a notifier. */
export interface EmailRecipients extends Notifier {
  /**
   * Sends once: only while nothing of it was sent is it tried again, so a mail is never doubled.
   *
   * @throws EmailFailed `EMAIL_FAILED` with `responseCode` and whether it is permanent. TuttiError `EMAIL_REFUSED`. DriverMissing `DRIVER_MISSING`.
   */
  send(message: EmailMessage, options?: EmailCallOptions): Promise<EmailSent>;
}

interface Email {
  (to: string | readonly string[], options?: EmailOptions): EmailRecipients;
  /** Takes the meaning out of a text, for `html`. */
  readonly escape: (text: string) => string;
}

/**
 * Mail over SMTP, through the package `nodemailer`. The connection is `smtp://user:password@mail.example.com:587?from=Tutti <tutti@example.com>`,
 * or `smtps://…:465`; a password is sent over TLS only.
 *
 * @example
 * const bi = email("bi@example.com"); // TUTTI_CONNECTION_SMTP=smtp://user:password@mail.example.com?from=tutti@example.com
 *
 * const report = task("report", async ({ rows }: { rows: number }, ctx) => {
 *   const csv = await ctx.artifact("sales.csv").write(new TextEncoder().encode(`rows\n${rows}\n`));
 *   await bi.send(
 *     { subject: `Sales of ${ctx.date}`, text: `${rows} rows, attached.`, attachments: { "sales.csv": csv } },
 *     { idempotencyKey: ctx.idempotencyKey },
 *   );
 * });
 */
export const email: Email = Object.assign(
  (to: string | readonly string[], options: EmailOptions = {}): EmailRecipients =>
    new Recipients(addresses("to", to), connection(options.connection ?? "smtp"), options),
  { escape: escapeHtml },
);

class Recipients implements EmailRecipients {
  readonly name: string;
  readonly #to: readonly string[];
  readonly #connection: Connection;
  readonly #options: EmailOptions;

  constructor(to: readonly string[], connection: Connection, options: EmailOptions) {
    this.name = `email ${to.join(", ")}`;
    this.#to = to;
    this.#connection = connection;
    this.#options = options;
  }

  readonly notify = async (alert: Alert, call: { readonly signal?: AbortSignal } = {}): Promise<void> => {
    await this.send(messageFor(alert, this.#options.template), { ...call, idempotencyKey: alert.id });
  };

  async send(message: EmailMessage, options: EmailCallOptions = {}): Promise<EmailSent> {
    const at = given(this.#connection);
    if (at.kind === "fake") return await at.call("send", [message, { to: this.#to, ...options }]);
    const server = smtpServer(this.#connection, at.url);
    const from = this.#options.from ?? server.from;
    if (from === null)
      throw mailRefused(
        `Nobody says whom the mail is from. Write it behind the URL of connection "${this.#connection.name}", "?from=tutti@example.com", or as the option "from".`,
      );
    return await deliver({
      connection: this.#connection.name,
      server,
      from: addresses("from", from)[0] as string,
      to: this.#to,
      mail: await mailParts(message),
      idempotencyKey: options.idempotencyKey ?? null,
      signal: signalFor(this.#connection, options),
    });
  }
}
