import { figure, sizeText } from "./count-text.ts";

/** What fits on a line stands on one. */
const LINE = 80;

export function jsonText(value: unknown): string {
  if (value === undefined) return "nothing";
  const line = JSON.stringify(value);
  return line.length <= LINE ? line : JSON.stringify(value, null, 2);
}

/** On one line. */
export function shortText(value: unknown): string {
  if (typeof value === "string") return value.length > 200 ? `${value.slice(0, 200)}…` : value;
  if (typeof value === "number") return Number.isInteger(value) ? figure(value) : String(value);
  if (isArtifact(value)) return `${value.artifact.split("/").at(-1)}, ${sizeText(value.size)}`;
  if (Array.isArray(value) && value.length > 3) return `${figure(value.length)} items`;
  const text = JSON.stringify(value) ?? "nothing";
  return text.length > 200 ? `${text.slice(0, 200)}…` : text;
}

/** A file that a task made, as other tasks are given it. */
const isArtifact = (value: unknown): value is { readonly artifact: string; readonly size: number } =>
  typeof value === "object" &&
  value !== null &&
  "artifact" in value &&
  "size" in value &&
  typeof value.size === "number" &&
  typeof value.artifact === "string" &&
  value.artifact.startsWith("artifact:");
