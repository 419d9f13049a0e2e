import { TuttiError } from "../../core/errors.ts";
import type { ReplaceOptions } from "./driver.ts";
import type { Identifier } from "./identifier.ts";

type Partition = ReadonlyArray<readonly [column: string, value: ReplaceOptions["where"][string]]>;

/** @throws TuttiError `PARTITION_NOT_NAMED`: everything would be replaced. */
export function partitionOf(table: Identifier, options: ReplaceOptions): Partition {
  const where = Object.entries(options.where ?? {});
  if (where.length > 0) return where;
  throw new TuttiError(
    "PARTITION_NOT_NAMED",
    `replace(${table.quoted}) needs the partition that it replaces, such as { where: { day: ctx.date } }.`,
  );
}

export const tableMissing = (table: Identifier): TuttiError =>
  new TuttiError("TABLE_MISSING", `There is no table ${table.quoted}. Make it first, or leave out \`create: false\`.`);

export const columnUnknown = (table: Identifier, name: string, has: readonly string[]): TuttiError =>
  new TuttiError("COLUMN_UNKNOWN", `Table ${table.quoted} has no column "${name}". It has: ${has.join(", ")}.`);

/** `row` counts from 1. The value itself is no part of `why`: it may be a secret. */
export const rowRefused = (row: number, column: string, type: string, why: string): TuttiError =>
  new TuttiError("ROW_REFUSED", `Row ${row}, column "${column}" (${type}): ${why}`);

/** A row of another partition would be inserted again by every re-run. */
export function rowsOutsidePartition(table: Identifier, partition: Partition, strangers: string): TuttiError {
  const names = partition.map(([name]) => `"${name}"`).join(", ");
  return new TuttiError(
    "ROWS_OUTSIDE_PARTITION",
    `replace(${table.quoted}): ${strangers} another ${names} than the partition that is replaced. Nothing was changed.`,
  );
}
