import { cut, type Level, type Message } from "../notify/message.ts";

/** Slack's own forms, for what a `Message` can't say. */
export type SlackMessage =
  | string
  | Message
  /** Slack's markup, with links and mentions; what comes from data goes through `slack.escape`. */
  | { readonly mrkdwn: string }
  /** Blocks as Slack documents them; `text` is for notifications. */
  | { readonly blocks: readonly object[]; readonly text: string };

const COLORS = {
  info: "#4a90d9",
  success: "#2eb67d",
  warning: "#ecb22e",
  error: "#e01e5a",
} as const satisfies Record<Level, string>;

// Slack's limits; what is longer is refused whole.
const TITLE_LENGTH = 150;
const SECTION_LENGTH = 3_000;
const FIELD_LENGTH = 2_000;
const MAX_FIELDS = 10;
const TEXT_LENGTH = 4_000;

/** Takes the meaning out of a text: no link, no mention, no channel-wide call. */
export const escapeSlack = (text: string): string =>
  text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");

/** The body of a message, as both the webhook and the Web API take it. */
export function slackPayload(message: SlackMessage): object {
  if (typeof message === "string") return { text: safe(message, TEXT_LENGTH) };
  if ("mrkdwn" in message) return { text: message.mrkdwn };
  if ("blocks" in message) return { text: message.text, blocks: message.blocks };
  return {
    text: safe(message.title, TEXT_LENGTH),
    attachments: [
      { color: COLORS[message.level ?? "info"], fallback: safe(message.title, TEXT_LENGTH), blocks: blocksOf(message) },
    ],
  };
}

function blocksOf({ title, text = "", fields = {}, lines = [], url }: Message): object[] {
  const facts = Object.entries(fields)
    .slice(0, MAX_FIELDS)
    .map(([name, value]) => ({
      type: "mrkdwn",
      text: `*${safe(name, 100)}*\n${safe(String(value), FIELD_LENGTH - 200)}`,
    }));
  return [
    // Plain text is not parsed, so nothing in it is escaped.
    { type: "header", text: { type: "plain_text", text: cut(title, TITLE_LENGTH) } },
    ...(text === "" ? [] : [section(safe(text, SECTION_LENGTH))]),
    ...(facts.length === 0 ? [] : [{ type: "section", fields: facts }]),
    ...(lines.length === 0 ? [] : [section(`\`\`\`${safe(lastOf(lines), SECTION_LENGTH - 6)}\`\`\``)]),
    ...(url === undefined ? [] : [section(`<${escapeSlack(encodeURI(url)).replaceAll("|", "%7C")}|Open>`)]),
  ];
}

const section = (text: string): object => ({ type: "section", text: { type: "mrkdwn", text } });

/** Escaped, and not longer than Slack takes: escaping first, because it makes texts longer. */
function safe(text: string, limit: number): string {
  const escaped = escapeSlack(text);
  // An entity that the limit would cut in two is left out whole.
  return escaped.length <= limit ? escaped : `${escaped.slice(0, limit - 1).replace(/&[a-z]*$/, "")}…`;
}

/** As many of the last lines as there is room for; a fence inside would end the block. */
function lastOf(lines: readonly string[]): string {
  let text = lines.join("\n").replaceAll("```", "'''");
  if (text.length > SECTION_LENGTH / 2) text = `…${text.slice(-SECTION_LENGTH / 2)}`;
  return text;
}
