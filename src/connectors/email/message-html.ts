import type { Level, Message } from "../notify/message.ts";

const COLORS = { info: "#4a90d9", success: "#1f8a5b", warning: "#b7791f", error: "#c0243c" } as const satisfies Record<
  Level,
  string
>;

/** Takes the meaning out of a text, for HTML. */
export const escapeHtml = (text: string): string =>
  text
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;")
    .replaceAll("'", "&#39;");

/** A message as HTML that every mail program shows: a table, inline styles, nothing loaded from elsewhere. */
export function messageHtml({ title, text = "", level = "info", fields = {}, lines = [], url }: Message): string {
  const facts = Object.entries(fields).map(
    ([name, value]) =>
      `<tr><td style="padding:2px 16px 2px 0;color:#666">${escapeHtml(name)}</td><td style="padding:2px 0">${escapeHtml(String(value))}</td></tr>`,
  );
  return [
    `<div style="font:14px/1.5 -apple-system,Segoe UI,Roboto,Arial,sans-serif;color:#222;max-width:640px">`,
    `<h2 style="font-size:17px;margin:0 0 12px;padding-left:10px;border-left:4px solid ${COLORS[level]}">${escapeHtml(title)}</h2>`,
    ...(text === "" ? [] : [`<p style="margin:0 0 12px;white-space:pre-wrap">${escapeHtml(text)}</p>`]),
    ...(facts.length === 0
      ? []
      : [`<table style="margin:0 0 12px;border-collapse:collapse">${facts.join("")}</table>`]),
    ...(lines.length === 0
      ? []
      : [
          `<pre style="margin:0 0 12px;padding:10px;background:#f4f4f5;font-size:12px;white-space:pre-wrap">${escapeHtml(lines.join("\n"))}</pre>`,
        ]),
    ...(url === undefined || !/^https?:/i.test(url)
      ? []
      : [`<p style="margin:0"><a href="${escapeHtml(url)}">Open</a></p>`]),
    `</div>`,
  ].join("\n");
}
