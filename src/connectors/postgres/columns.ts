import type { ColumnKind } from "../sql/column-kind.ts";
import type { Call } from "../sql/driver.ts";
import type { Identifier } from "../sql/identifier.ts";
import type { Session } from "./session.ts";

/** The types of a table's columns by name, as `format_type` spells them; null without such a table. */
export async function columnTypes(
  session: Session,
  table: Identifier,
  call: Call,
): Promise<Map<string, string> | null> {
  const { rows } = await session.run({ text: COLUMNS, values: [table.quoted] }, call);
  if (rows.length === 0) return null;
  const named = rows.filter((row) => row["name"] !== null);
  return new Map(named.map((row) => [String(row["name"]), String(row["type"])]));
}

const COLUMNS = `
  select a.attname::text as name, format_type(a.atttypid, a.atttypmod) as type
  from (select to_regclass($1) as id) t
  left join pg_attribute a on a.attrelid = t.id and a.attnum > 0 and not a.attisdropped and a.attgenerated = ''
  where t.id is not null
  order by a.attnum`;

/** What a table is made with. */
export const COLUMN_TYPES = {
  boolean: "boolean",
  number: "double precision",
  bigint: "bigint",
  hugeint: "numeric",
  date: "date",
  text: "text",
  instant: "timestamp with time zone",
  bytes: "bytea",
  json: "jsonb",
} as const satisfies Record<ColumnKind, string>;

/** Two that make one table at once would meet in the catalogue. Held until the transaction ends. */
export async function lockCreation(session: Session, table: Identifier, call: Call): Promise<void> {
  const text = "select pg_advisory_xact_lock(hashtextextended($1, 0))";
  await session.run({ text, values: [`tutti create ${table.quoted}`] }, call);
}
