import type { Call, ReplaceOptions } from "../sql/driver.ts";
import { quote, type Identifier } from "../sql/identifier.ts";
import type { Statement } from "../sql/statement.ts";
import { partitionOf, rowsOutsidePartition } from "../sql/write-errors.ts";
import type { Session } from "./session.ts";
import type { StagedRows } from "./staged-rows.ts";

/** Deletes a partition; until the transaction ends, nobody else deletes from the table. */
export function deletion(table: Identifier, options: ReplaceOptions): Statement {
  const where = partitionOf(table, options);
  const parts = where.map(
    ([name], at) => `${at === 0 ? `delete from ${table.quoted} where` : " and"} ${quote(name)} is not distinct from `,
  );
  return { text: `${parts.join("?")}?`, parts: [...parts, ""], values: where.map(([, value]) => value) };
}

/** A row of another partition would be inserted again by every re-run. @throws TuttiError `ROWS_OUTSIDE_PARTITION` */
export async function refuseStrangers(
  session: Session,
  table: Identifier,
  staged: StagedRows,
  options: ReplaceOptions,
  call: Call,
): Promise<void> {
  const where = partitionOf(table, options);
  const own = where.map(([name, value]) => {
    const at = staged.columns.findIndex((column) => column.name === name);
    const { writer } = staged.columns[at]!;
    // As the column would hold it: a Date and a text may mean one day.
    return {
      differs: `${staged.values[at]} is distinct from ${writer.read("?")}`,
      value: value === null ? null : writer.write(value),
    };
  });
  const text = `select count(*) as "n" from ${staged.table} where ${own.map(({ differs }) => differs).join(" or ")}`;
  const { rows } = await session.run({ text, parts: text.split("?"), values: own.map(({ value }) => value) }, call);
  const strangers = Number(rows[0]?.["n"]);
  if (strangers > 0) throw rowsOutsidePartition(table, where, `${strangers} of ${staged.count} rows have`);
}
