import { TuttiError } from "../../core/errors.ts";
import type { ReplaceOptions } from "./driver.ts";
import type { Identifier } from "./identifier.ts";
import { BATCH_ROWS } from "./row-batches.ts";
import { columnUnknown } from "./write-errors.ts";

/** What rows are written to. */
export interface WriteTarget {
  readonly table: Identifier;
  /** Types of the table's columns by name, in the database's own spelling; null where the table is yet to be made. */
  readonly known: ReadonlyMap<string, string> | null;
  /** What a row gets that lacks these keys: the partition of `replace`. */
  readonly fixed: ReplaceOptions["where"];
  /** How the database compares names of columns. Default: as they are. */
  readonly nameOf?: (key: string) => string;
}

export interface WrittenColumn {
  readonly name: string;
  /** Of the table; null where it is yet to be made. */
  readonly type: string | null;
}

/** The columns that a first batch of rows has: every later row has the same, or is refused. */
export class RowShape {
  readonly columns: readonly WrittenColumn[];
  readonly #target: WriteTarget;
  readonly #names: ReadonlySet<string>;

  /** @throws TuttiError `COLUMN_UNKNOWN`, `ROW_REFUSED`. */
  constructor(target: WriteTarget, first: readonly object[]) {
    this.#target = target;
    this.#names = new Set([...first.flatMap((row) => Object.keys(row)), ...Object.keys(target.fixed)]);
    if (this.#names.size === 0)
      throw new TuttiError("ROW_REFUSED", `Table ${target.table.quoted}: its rows have no columns.`);
    this.columns = [...this.#names].map((name) => ({ name, type: typeOf(target, name) }));
  }

  /** A column's value in a row; absent where null stands. */
  cell(row: object, name: string): unknown {
    const value = (row as Record<string, unknown>)[name];
    return value === undefined && Object.hasOwn(this.#target.fixed, name) ? this.#target.fixed[name] : value;
  }

  /** @param before How many rows came before this batch. @throws TuttiError `ROW_REFUSED`. */
  refuseNewKeys(batch: readonly object[], before: number): void {
    batch.forEach((row, at) => {
      for (const key in row) {
        if (this.#names.has(key) || !Object.hasOwn(row, key)) continue;
        throw new TuttiError(
          "ROW_REFUSED",
          `Row ${before + at + 1} for ${this.#target.table.quoted} has a column "${key}" that none of the first ${BATCH_ROWS} rows has. Give every row the same keys.`,
        );
      }
    });
  }
}

function typeOf({ table, known, nameOf = (key) => key }: WriteTarget, name: string): string | null {
  if (known === null) return null;
  const type = known.get(nameOf(name));
  if (type === undefined) throw columnUnknown(table, name, [...known.keys()]);
  return type;
}
