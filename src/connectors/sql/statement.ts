import { TuttiError } from "../../core/errors.ts";
import { Identifier } from "./identifier.ts";

/** What `${}` may hold in a statement. A list binds as one value: `where id = any(${ids})`. An object binds as JSON. */
export type SqlValue =
  | string
  | number
  | bigint
  | boolean
  | null
  | Date
  | Uint8Array
  | Identifier
  | readonly SqlValue[]
  | { readonly [key: string]: unknown };

/** Text with `$1`, `$2` … and the values that belong there. */
export interface Statement {
  readonly text: string;
  readonly values: readonly unknown[];
  /** The text around the values, one more than there are values: `parts.join("?")` for a database whose placeholder is `?`. */
  readonly parts: readonly string[];
}

/**
 * Makes a statement of a template literal. A value never becomes text; an identifier becomes quoted text.
 *
 * @throws TuttiError `NOT_A_TEMPLATE` when called with a string, `SQL_VALUE_REFUSED` for what no database can bind, `SQL_EMPTY`.
 */
export function statement(strings: TemplateStringsArray, values: readonly unknown[]): Statement {
  if (!Array.isArray(strings) || !Array.isArray(strings.raw)) {
    throw new TuttiError(
      "NOT_A_TEMPLATE",
      'A statement is a template literal: query`select … where id = ${id}`, not query("…"). Only so are its values bound.',
    );
  }
  const parts = [(strings[0] ?? "").trimStart()];
  const bound: unknown[] = [];
  values.forEach((value, at) => {
    const after = strings[at + 1] ?? "";
    if (value instanceof Identifier) parts.push(`${parts.pop()}${value.quoted}${after}`);
    else {
      bound.push(bindable(value, at));
      parts.push(after);
    }
  });
  parts.push((parts.pop() as string).trimEnd());
  const text = parts.reduce((before, part, at) => `${before}$${at}${part}`);
  if (text === "") throw new TuttiError("SQL_EMPTY", "The statement is empty.");
  return { text, values: bound, parts };
}

function bindable(value: unknown, at: number): unknown {
  const refused = refusal(value);
  if (refused !== null) throw new TuttiError("SQL_VALUE_REFUSED", `Value ${at + 1} of the statement is ${refused}`);
  return value;
}

function refusal(value: unknown): string | null {
  if (value === undefined) return "undefined. Bind null where SQL's null is meant.";
  if (typeof value === "function" || typeof value === "symbol") return `a ${typeof value}, which no database can hold.`;
  if (value instanceof Date && Number.isNaN(value.getTime())) return "an invalid Date.";
  return null;
}
