import { TuttiError } from "../../core/errors.ts";

const MAX_LENGTH = 255;

/** A name inside a statement: quoted when it is written, never bound. Made by `sql.identifier`. */
export class Identifier {
  readonly parts: readonly string[];

  constructor(parts: readonly string[]) {
    if (parts.length === 0) throw new TuttiError("BAD_IDENTIFIER", "An identifier needs a name.");
    for (const part of parts) check(part);
    this.parts = parts;
  }

  /** `"sales"."daily"`. */
  get quoted(): string {
    return this.parts.map(quote).join(".");
  }
}

/** A table as a user names it: `"daily_sales"`, `"analytics.daily_sales"`, or an identifier where a name itself holds a dot. */
export type TableName = string | Identifier;

export function tableIdentifier(table: TableName): Identifier {
  if (table instanceof Identifier) return table;
  if (typeof table !== "string")
    throw new TuttiError(
      "BAD_IDENTIFIER",
      'A table is named by a text, such as "daily_sales", or by sql.identifier(…).',
    );
  return new Identifier(table.split("."));
}

/** Double quotes keep case, spaces and reserved words, and leave nothing to break out with. */
export const quote = (name: string): string => `"${name.replaceAll('"', '""')}"`;

function check(part: unknown): void {
  if (typeof part !== "string" || part === "")
    throw new TuttiError("BAD_IDENTIFIER", "A part of a name is empty or no text.");
  if (part.includes("\0"))
    throw new TuttiError("BAD_IDENTIFIER", `The name ${JSON.stringify(part)} holds a zero byte.`);
  if (part.length > MAX_LENGTH)
    throw new TuttiError(
      "BAD_IDENTIFIER",
      `The name ${JSON.stringify(part.slice(0, 40))}… is longer than ${MAX_LENGTH} characters.`,
    );
}
