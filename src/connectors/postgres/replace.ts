import type { Call, Replaced, ReplaceOptions, Rows } from "../sql/driver.ts";
import { quote, type Identifier } from "../sql/identifier.ts";
import { columnUnknown, partitionOf, rowsOutsidePartition, tableMissing } from "../sql/write-errors.ts";
import { columnTypes, lockCreation } from "./columns.ts";
import { copyRows } from "./copy-rows.ts";
import type { Session } from "./session.ts";

/** A partition has one value, which may be spelled in a few ways; with so many there are others among them. */
const MAX_SPELLINGS = 1_000;

/** Deletes a partition and copies rows in, in one transaction. */
export async function replace(
  session: Session,
  table: Identifier,
  rows: Rows,
  options: ReplaceOptions,
  call: Call,
): Promise<Replaced> {
  const where = partitionOf(table, options);
  return await session.atomically(call, async () => {
    let known = await columnTypes(session, table, call);
    if (known === null) {
      if (options.create === false) throw tableMissing(table);
      await lockCreation(session, table, call);
      // Somebody may have made it since.
      known = await columnTypes(session, table, call);
    }
    if (known !== null) await lockPartition(session, table, where, known, call);
    const deleted = known === null ? 0 : await remove(session, table, where, call);
    const others = new Others(table, where);
    const target = { table, known, fixed: options.where };
    const onOther = others.add.bind(others);
    const inserted = await copyRows(session, rows, { target, options, call, onOther });
    await others.refuseStrangers(session, inserted, call);
    return { deleted, inserted };
  });
}

type Partition = ReturnType<typeof partitionOf>;

/** Two at once would both delete what was there before, and both insert: the second waits until the first has committed. */
async function lockPartition(
  session: Session,
  table: Identifier,
  where: Partition,
  known: ReadonlyMap<string, string>,
  call: Call,
): Promise<void> {
  // As the column spells it: a Date and a text may mean one day.
  const spelled = where.map(([name], at) => {
    const type = known.get(name);
    if (type === undefined) throw columnUnknown(table, name, [...known.keys()]);
    return `cast($${at + 2} as ${type})`;
  });
  const text = `select pg_advisory_xact_lock(hashtextextended(concat_ws(' ', $1::text, ${spelled.join(", ")}), 0))`;
  const names = where.map(([name]) => name).join(" ");
  await session.run(
    { text, values: [`tutti replace ${table.quoted} ${names}`, ...where.map(([, value]) => value)] },
    call,
  );
}

async function remove(session: Session, table: Identifier, where: Partition, call: Call): Promise<number> {
  // Not "is not distinct from": it takes no index.
  const conditions = where.map(([name, value], at) =>
    value === null ? `${quote(name)} is null and $${at + 1}::text is null` : `${quote(name)} = $${at + 1}`,
  );
  const text = `delete from ${table.quoted} where ${conditions.join(" and ")}`;
  return (await session.run({ text, values: where.map(([, value]) => value) }, call)).rowCount ?? 0;
}

/** What rows say of the partition in other words than `where` does: each spelling once, to be compared by the server when all are in. */
class Others {
  readonly #table: Identifier;
  readonly #where: Partition;
  readonly #counts = new Map<string, { readonly type: string; readonly counts: Map<string, number> }>();
  #nulls = 0;

  constructor(table: Identifier, where: Partition) {
    this.#table = table;
    this.#where = where;
  }

  add(column: string, type: string, written: string | null): void {
    if (written === null) {
      this.#nulls += 1;
      return;
    }
    const known = this.#counts.get(column) ?? { type, counts: new Map<string, number>() };
    this.#counts.set(column, known);
    known.counts.set(written, (known.counts.get(written) ?? 0) + 1);
    if (known.counts.size > MAX_SPELLINGS) throw rowsOutsidePartition(this.#table, this.#where, "many rows have");
  }

  /** @throws TuttiError `ROWS_OUTSIDE_PARTITION` */
  async refuseStrangers(session: Session, rows: number, call: Call): Promise<void> {
    let strangers = this.#nulls;
    for (const [column, { type, counts }] of this.#counts) {
      const [, own] = this.#where.find(([name]) => name === column)!;
      const text = `select other from unnest($1::text[]) as other where cast(other as ${type}) is distinct from cast($2 as ${type})`;
      const found = await session.run({ text, values: [[...counts.keys()], own] }, call);
      for (const row of found.rows) strangers += counts.get(String(row["other"])) ?? 0;
    }
    if (strangers > 0) throw rowsOutsidePartition(this.#table, this.#where, `${strangers} of ${rows} rows have`);
  }
}
