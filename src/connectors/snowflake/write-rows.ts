import { TuttiError } from "../../core/errors.ts";
import type { Call, CopyOptions, Replaced, ReplaceOptions, Rows } from "../sql/driver.ts";
import { quote, type Identifier } from "../sql/identifier.ts";
import { columnUnknown, partitionOf, tableMissing } from "../sql/write-errors.ts";
import { columnName, columnTypes, createTable } from "./columns.ts";
import { deletion, refuseStrangers } from "./partition.ts";
import { plain, type Session } from "./session.ts";
import { type StagedRows, withStagedRows } from "./staged-rows.ts";

/** How `merge` knows that two rows are the same one. */
export interface MergeOptions extends CopyOptions {
  /** The columns of the key. At least one; no two rows that are merged may have the same. */
  readonly on: readonly string[];
}

export interface Merged {
  readonly inserted: number;
  readonly updated: number;
}

export async function copyIn(
  session: Session,
  table: Identifier,
  rows: Rows,
  options: CopyOptions,
  call: Call,
): Promise<number> {
  const known = await knownColumns(session, table, options, call);
  const target = { table, known, fixed: {}, nameOf: columnName };
  return await withStagedRows(session, rows, { target, options, call }, async (staged) => {
    if (staged === null) return 0;
    if (known === null) await createTable(session, table, staged.columns, call);
    return await insert(session, table, staged, call);
  });
}

/** Deletes a partition and inserts rows, in one transaction: the delete locks the table against another one until the commit. */
export async function replace(
  session: Session,
  table: Identifier,
  rows: Rows,
  options: ReplaceOptions,
  call: Call,
): Promise<Replaced> {
  const where = partitionOf(table, options);
  const known = await knownColumns(session, table, options, call);
  for (const [name] of where)
    if (known !== null && !known.has(columnName(name))) throw columnUnknown(table, name, [...known.keys()]);
  const target = { table, known, fixed: options.where, nameOf: columnName };
  return await withStagedRows(session, rows, { target, options, call }, async (staged) => {
    if (staged !== null) await refuseStrangers(session, table, staged, options, call);
    // Making a table commits what is open, so it comes before the transaction.
    if (known === null && staged !== null) await createTable(session, table, staged.columns, call);
    if (known === null && staged === null) return { deleted: 0, inserted: 0 };
    return await session.atomically(call, async () => {
      const { updated: deleted } = await session.run(deletion(table, options), call);
      return { deleted, inserted: staged === null ? 0 : await insert(session, table, staged, call) };
    });
  });
}

/** Updates the rows whose key is there and inserts the others, in one statement. */
export async function merge(
  session: Session,
  table: Identifier,
  rows: Rows,
  options: MergeOptions,
  call: Call,
): Promise<Merged> {
  if (!Array.isArray(options.on) || options.on.length === 0)
    throw new TuttiError(
      "KEY_NOT_NAMED",
      `merge(${table.quoted}) needs the columns of the key, such as { on: ["id"] }.`,
    );
  const known = await knownColumns(session, table, options, call);
  const target = { table, known, fixed: {}, nameOf: columnName };
  return await withStagedRows(session, rows, { target, options, call }, async (staged) => {
    if (staged === null) return { inserted: 0, updated: 0 };
    const names = staged.columns.map(({ name }) => name);
    const missing = options.on.find((name) => !names.includes(name));
    if (missing !== undefined) throw columnUnknown(table, missing, names);
    await refuseTwins(session, table, staged, options.on, call);
    if (known === null) await createTable(session, table, staged.columns, call);
    const { rows: counts } = await session.run(plain(mergeText(table, staged, options.on)), call);
    const count = (word: string): number =>
      Number(Object.entries(counts[0] ?? {}).find(([name]) => name.endsWith(word))?.[1] ?? 0);
    return { inserted: count("inserted"), updated: count("updated") };
  });
}

function mergeText(table: Identifier, staged: StagedRows, on: readonly string[]): string {
  const names = staged.columns.map(({ name }) => quote(name));
  const same = on.map((name) => `t.${quote(name)} = s.${quote(name)}`).join(" and ");
  const others = staged.columns
    .filter(({ name }) => !on.includes(name))
    .map(({ name }) => `t.${quote(name)} = s.${quote(name)}`);
  const update = others.length === 0 ? "" : ` when matched then update set ${others.join(", ")}`;
  const source = `select ${aliased(staged)} from ${staged.table}`;
  return `merge into ${table.quoted} as t using (${source}) as s on ${same}${update} when not matched then insert (${names.join(", ")}) values (${names.map((name) => `s.${name}`).join(", ")})`;
}

const aliased = ({ columns, values }: StagedRows): string =>
  columns.map(({ name }, at) => `${values[at]} as ${quote(name)}`).join(", ");

async function insert(session: Session, table: Identifier, staged: StagedRows, call: Call): Promise<number> {
  const names = staged.columns.map(({ name }) => quote(name)).join(", ");
  const text = `insert into ${table.quoted} (${names}) select ${staged.values.join(", ")} from ${staged.table}`;
  return (await session.run(plain(text), call)).updated;
}

/** Of two rows with one key, it would be chance which one stays. */
async function refuseTwins(
  session: Session,
  table: Identifier,
  staged: StagedRows,
  on: readonly string[],
  call: Call,
): Promise<void> {
  const keys = on.map((name) => staged.values[staged.columns.findIndex((column) => column.name === name)]!).join(", ");
  const text = `select count(*) as "n" from (select 1 from ${staged.table} group by ${keys} having count(*) > 1)`;
  const { rows } = await session.run(plain(text), call);
  if (Number(rows[0]?.["n"]) === 0) return;
  throw new TuttiError(
    "KEY_NOT_UNIQUE",
    `merge(${table.quoted}): several rows have the same ${on.map((name) => `"${name}"`).join(", ")}. Nothing was changed.`,
  );
}

async function knownColumns(
  session: Session,
  table: Identifier,
  options: CopyOptions,
  call: Call,
): Promise<Map<string, string> | null> {
  const known = await columnTypes(session, table, call);
  if (known === null && options.create === false) throw tableMissing(table);
  return known;
}
