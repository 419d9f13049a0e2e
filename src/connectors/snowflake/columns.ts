import type { Call } from "../sql/driver.ts";
import type { Identifier } from "../sql/identifier.ts";
import { plain, type Session } from "./session.ts";

/** As our sessions keep names, and as they are compared. */
export const columnName = (name: string): string => name.toLowerCase();

/** Types of the columns by lower-case name, numbers with precision and scale; null without such a table. */
export async function columnTypes(
  session: Session,
  table: Identifier,
  call: Call,
): Promise<Map<string, string> | null> {
  const [name = "", schema = null, database = null] = table.parts.toReversed();
  const place = database === null ? "" : `"${database.replaceAll('"', '""')}".`;
  const parts = [
    `select column_name as "name", data_type as "type", numeric_precision as "precision", numeric_scale as "scale"
     from ${place}information_schema.columns where lower(table_name) = lower(`,
    ") and lower(table_schema) = lower(",
    ") order by ordinal_position",
  ];
  const schemaOf =
    schema === null
      ? { parts: [parts[0]!, ") and table_schema = current_schema() order by ordinal_position"], values: [name] }
      : { parts, values: [name, schema] };
  const { rows } = await session.run({ ...schemaOf, text: schemaOf.parts.join("?") }, call);
  if (rows.length === 0) return null;
  return new Map(
    rows.map(({ name: column, type, precision, scale }) => {
      const size = type === "NUMBER" ? `(${Number(precision)},${Number(scale)})` : "";
      return [columnName(String(column)), `${String(type)}${size}`];
    }),
  );
}

export async function createTable(
  session: Session,
  table: Identifier,
  columns: readonly { readonly name: string; readonly type: string }[],
  call: Call,
): Promise<void> {
  const list = columns.map(({ name, type }) => `"${name.replaceAll('"', '""')}" ${type}`).join(", ");
  await session.run(plain(`create table if not exists ${table.quoted} (${list})`), call);
}
