import type { ArtifactRef } from "../../authoring/artifact.ts";
import { type Message, messageOf, plainText } from "../notify/message.ts";
import { mailRefused } from "./email-failed.ts";
import { messageHtml } from "./message-html.ts";

/** What an attachment may be: bytes, a text, or an artifact of this run. */
export type Attachment = Uint8Array | string | ArtifactRef;

/** A mail as one writes it oneself. */
export interface Mail {
  readonly subject: string;
  readonly text: string;
  /** Beside the text, for programs that show it. What comes from data goes through `email.escape`. Default: none. */
  readonly html?: string;
  /** By file name. Default: none. */
  readonly attachments?: Readonly<Record<string, Attachment>>;
  readonly cc?: string | readonly string[];
  readonly bcc?: string | readonly string[];
  readonly replyTo?: string;
}

/** A mail, a message for any channel, or a subject that says all. */
export type EmailMessage = string | Message | Mail;

/** As nodemailer takes it. */
export interface MailParts {
  readonly subject: string;
  readonly text: string;
  readonly html?: string;
  readonly cc?: readonly string[];
  readonly bcc?: readonly string[];
  readonly replyTo?: string;
  readonly attachments?: readonly { readonly filename: string; readonly content: string | Uint8Array }[];
}

/** @throws TuttiError `EMAIL_REFUSED` for an address or a subject that holds a line end, which would be a header of its own. */
export async function mailParts(message: EmailMessage): Promise<MailParts> {
  if (typeof message === "string" || "title" in message) {
    const given = messageOf(message);
    return { subject: oneLine("subject", given.title), text: plainText(given), html: messageHtml(given) };
  }
  const { subject, text, html, cc, bcc, replyTo, attachments = {} } = message;
  return {
    subject: oneLine("subject", subject),
    text,
    ...(html === undefined ? {} : { html }),
    ...(cc === undefined ? {} : { cc: addresses("cc", cc) }),
    ...(bcc === undefined ? {} : { bcc: addresses("bcc", bcc) }),
    ...(replyTo === undefined ? {} : { replyTo: address("replyTo", replyTo) }),
    attachments: await Promise.all(
      Object.entries(attachments).map(async ([filename, one]) => ({
        filename: oneLine("name of an attachment", filename),
        content: await contentOf(one),
      })),
    ),
  };
}

export function addresses(what: string, given: string | readonly string[]): readonly string[] {
  const list = typeof given === "string" ? [given] : [...given];
  if (list.length === 0) throw mailRefused(`The mail's "${what}" has no address.`);
  return list.map((one) => address(what, one));
}

function address(what: string, given: unknown): string {
  if (typeof given !== "string" || !/^[^\r\n]*[^\s@<]@[^\s@>]+>?\s*$/.test(given))
    throw mailRefused(
      `The mail's "${what}" holds ${JSON.stringify(given)}, which is no address. Write it like "bi@example.com" or "BI <bi@example.com>".`,
    );
  return given;
}

function oneLine(what: string, text: unknown): string {
  if (typeof text !== "string" || text.trim() === "") throw mailRefused(`The mail's ${what} is empty.`);
  if (/[\r\n\0]/.test(text)) throw mailRefused(`The mail's ${what} holds a line end or a zero byte.`);
  return text;
}

const contentOf = async (attachment: Attachment): Promise<string | Uint8Array> =>
  typeof attachment === "string" || attachment instanceof Uint8Array ? attachment : await attachment.bytes();
