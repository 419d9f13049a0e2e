import { refusal } from "./refusal.ts";

const BARE_DATE = /^\d{4}-\d{2}-\d{2}$/;
const INSTANT = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:\d{2})$/;

/** The edges of a workflow's windows, as the user wrote them. */
export function readEdges(options: { readonly start?: string | Date; readonly end?: string | Date }, what: string): { start: string | null; end: string | null } {
  const start = readEdge(options.start, "start", what);
  const end = readEdge(options.end, "end", what);
  // A bare date is local to a zone that only the schedule knows, so only like is compared with like.
  if (start !== null && end !== null && BARE_DATE.test(start) === BARE_DATE.test(end) && Date.parse(end) < Date.parse(start))
    throw refusal("BAD_DATE", `${what}: "end" (${end}) is before "start" (${start}).`);
  return { start, end };
}

function readEdge(given: string | Date | undefined, option: "start" | "end", what: string): string | null {
  if (given === undefined) return null;
  if (given instanceof Date && !Number.isNaN(given.getTime())) return given.toISOString();
  if (typeof given === "string" && (isDate(given) || (INSTANT.test(given) && isDate(given.slice(0, 10)) && !Number.isNaN(Date.parse(given))))) return given;
  throw refusal("BAD_DATE", `${what}: option "${option}" must be a date such as "2025-08-12", an instant with its zone such as "2025-08-12T06:00Z", or a Date; got ${typeof given === "string" ? `"${given}"` : String(given)}.`);
}

/** Not `2025-02-30`, which `Date` would read as March 2nd. */
function isDate(text: string): boolean {
  if (!BARE_DATE.test(text)) return false;
  const date = new Date(`${text}T00:00:00Z`);
  return !Number.isNaN(date.getTime()) && date.toISOString().startsWith(text);
}
