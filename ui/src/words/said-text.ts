import type { Happened } from "../api/events.ts";
import { shortText } from "./value-text.ts";

/** What was said beside something, on one line: `rows 104, amount 1,300`. What is nothing is left out. */
export function saidText(value: unknown): string {
  if (value === null || value === undefined) return "";
  if (typeof value !== "object" || Array.isArray(value)) return shortText(value);
  return Object.entries(value)
    .filter(([, part]) => part !== null)
    .map(([name, part]) => `${name} ${shortText(part)}`)
    .join(", ");
}

interface Found {
  readonly status?: string;
  readonly message?: string | null;
}

/** What an event came with; of a check, what it found. */
export function eventText({ kind, payload, key }: Pick<Happened, "kind" | "payload" | "key">): string {
  if (kind === "check" && key !== null) {
    const { status = "", message = null } = payload as Found;
    return `${key}: ${status}${message === null ? "" : `, ${message}`}`;
  }
  const said = saidText(payload);
  return key === null ? said : `${said}${said === "" ? "" : ", "}for ${key}`;
}
