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
  let text = strings[0] ?? "";
  const bound: unknown[] = [];
  values.forEach((value, at) => {
    if (value instanceof Identifier) text += value.quoted;
    else text += `$${bound.push(bindable(value, at))}`;
    text += strings[at + 1] ?? "";
  });
  if (text.trim() === "") throw new TuttiError("SQL_EMPTY", "The statement is empty.");
  return { text: text.trim(), values: bound };
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
