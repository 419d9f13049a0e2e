import { figure } from "./count-text.ts";

export const jsonText = (value: unknown): string => (value === undefined ? "nothing" : JSON.stringify(value, null, 2));

/** On one line. */
export function shortText(value: unknown): string {
  if (typeof value === "string") return value.length > 200 ? `${value.slice(0, 200)}…` : value;
  if (typeof value === "number") return Number.isInteger(value) ? figure(value) : String(value);
  if (Array.isArray(value) && value.length > 3) return `${figure(value.length)} items`;
  const text = JSON.stringify(value) ?? "nothing";
  return text.length > 200 ? `${text.slice(0, 200)}…` : text;
}
