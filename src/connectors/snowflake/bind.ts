import type { Bind } from "snowflake-sdk";
import { isoInstant, jsonText } from "../sql/misfit.ts";
import type { Statement } from "../sql/statement.ts";

export interface BoundStatement {
  readonly text: string;
  readonly binds: readonly Bind[];
}

/** The statement with `?` for each value; where a value's text alone would not say what it is, the placeholder does. */
export function bound({ parts, values }: Pick<Statement, "parts" | "values">): BoundStatement {
  const all = values.map(bind);
  const text = parts.reduce((before, part, at) => `${before}${all[at - 1]?.[0] ?? "?"}${part}`);
  return { text, binds: all.map(([, value]) => value) };
}

function bind(value: unknown): [placeholder: string, value: Bind] {
  if (value === null || value === undefined) return ["?", null];
  if (typeof value === "number")
    return Number.isSafeInteger(value) ? ["?", value] : ["cast(? as float)", String(value)];
  if (typeof value === "bigint") return ["cast(? as number(38,0))", String(value)];
  if (typeof value !== "object") return ["?", value as Bind];
  if (value instanceof Date) return ["cast(? as timestamp_tz)", isoInstant(value)];
  if (value instanceof Uint8Array) return ["to_binary(?, 'HEX')", Buffer.from(value).toString("hex")];
  return ["parse_json(?)", jsonText(value)];
}
