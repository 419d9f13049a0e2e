import { createHash } from "node:crypto";
import { setTimeout as delay } from "node:timers/promises";
import { OptionalPackage } from "../optional-package.ts";
import { EmailFailed, type SmtpError, wasUnsent } from "./email-failed.ts";
import type { MailParts } from "./mail.ts";
import type { SmtpServer } from "./smtp-url.ts";

const nodemailer = new OptionalPackage<typeof import("nodemailer")>({ what: "E-mail", name: "nodemailer" });

export interface Delivery {
  readonly connection: string;
  readonly server: SmtpServer;
  readonly from: string;
  readonly to: readonly string[];
  readonly mail: MailParts;
  /** The same for a mail that is sent again: mailboxes and readers recognise it by the `Message-ID` that is made of it. */
  readonly idempotencyKey: string | null;
  readonly signal: AbortSignal | null;
}

export interface EmailSent {
  readonly messageId: string;
  readonly accepted: readonly string[];
  /** Addresses that the server refused while it took the mail for others. */
  readonly rejected: readonly string[];
}

const CONNECT_MS = 10_000;
const SILENCE_MS = 30_000;
const TRIES = 3;

/** Hands a mail to the server. Tried again only while nothing of it was sent. */
export async function deliver(delivery: Delivery): Promise<EmailSent> {
  const { createTransport } = await nodemailer.get();
  for (let tries = 1; ; tries++) {
    delivery.signal?.throwIfAborted();
    const transport = createTransport(transportOptions(delivery.server));
    try {
      const { messageId, accepted, rejected } = await transport.sendMail({
        ...contents(delivery),
        ...signalOf(delivery),
      });
      return { messageId, accepted: accepted.map(String), rejected: rejected.map(String) };
    } catch (error) {
      delivery.signal?.throwIfAborted();
      if (tries === TRIES || !wasUnsent(error as SmtpError))
        throw new EmailFailed(delivery.connection, error as SmtpError);
    } finally {
      transport.close();
    }
    await delay(1000 * tries, undefined, signalOf(delivery)).catch(() => delivery.signal?.throwIfAborted());
  }
}

const transportOptions = ({ host, port, secure, tls, auth }: SmtpServer) => ({
  host,
  port,
  secure,
  requireTLS: tls === "required",
  ignoreTLS: tls === "off",
  ...(auth === null ? {} : { auth: { ...auth } }),
  connectionTimeout: CONNECT_MS,
  greetingTimeout: CONNECT_MS,
  dnsTimeout: CONNECT_MS,
  socketTimeout: SILENCE_MS,
  // An attachment is what the task gives, never a path or an address that its data names.
  disableFileAccess: true,
  disableUrlAccess: true,
});

const contents = ({ from, to, mail, idempotencyKey }: Delivery) => ({
  from,
  to: [...to],
  subject: mail.subject,
  text: mail.text,
  ...(mail.html === undefined ? {} : { html: mail.html }),
  ...(mail.cc === undefined ? {} : { cc: [...mail.cc] }),
  ...(mail.bcc === undefined ? {} : { bcc: [...mail.bcc] }),
  ...(mail.replyTo === undefined ? {} : { replyTo: mail.replyTo }),
  attachments: (mail.attachments ?? []).map(({ filename, content }) => ({
    filename,
    content: typeof content === "string" ? content : Buffer.from(content),
  })),
  // Out-of-office replies to a machine help nobody.
  headers: { "auto-submitted": "auto-generated" },
  ...(idempotencyKey === null ? {} : { messageId: messageId(idempotencyKey, to, mail.subject) }),
});

/** One key may stand for several mails of a task, to others or about something else. */
const messageId = (key: string, to: readonly string[], subject: string): string =>
  `<${createHash("sha256")
    .update(JSON.stringify([key, to, subject]))
    .digest("hex")
    .slice(0, 40)}@tutti>`;

const signalOf = ({ signal }: Delivery): { readonly signal?: AbortSignal } => (signal === null ? {} : { signal });
