import { randomUUID } from "node:crypto";
import { TuttiError } from "../../core/errors.ts";
import type { Call, Replaced, ReplaceOptions } from "../sql/driver.ts";
import type { Identifier } from "../sql/identifier.ts";
import { tableMissing } from "../sql/write-errors.ts";
import { columnTypes } from "./columns.ts";
import { deletion } from "./partition.ts";
import { plain, type Session } from "./session.ts";
import { putFile, withTemporary } from "./stage.ts";

export interface LoadFilesOptions {
  /** What the files are; the columns of Parquet are found by name, those of a CSV with a header come in the order of the table. Default: `"parquet"`. */
  readonly format?: "parquet" | "csv";
  /** The partition that they replace. Their rows are not looked at: they must belong to it. Default: they are appended. */
  readonly where?: ReplaceOptions["where"];
}

const FORMATS = {
  parquet: "file_format = (type = parquet) match_by_column_name = case_insensitive",
  csv: `file_format = (type = csv skip_header = 1 field_optionally_enclosed_by = '"')`,
} as const;

/** PUT of files of this machine to a stage of the session, and COPY INTO from there; with `where` after a DELETE, in one transaction. */
export async function loadFiles(
  session: Session,
  table: Identifier,
  files: readonly string[],
  { format = "parquet", where }: LoadFilesOptions,
  call: Call,
): Promise<Replaced> {
  if (!Object.hasOwn(FORMATS, format))
    throw new TuttiError(
      "BAD_OPTION",
      `loadFiles(${table.quoted}): "format" is "parquet" or "csv"; got ${JSON.stringify(format)}.`,
    );
  if ((await columnTypes(session, table, call)) === null) throw tableMissing(table);
  const name = `tutti_${randomUUID().replaceAll("-", "")}`;
  return await withTemporary(session, "stage", name, call, async () => {
    await session.run(plain(`create temporary stage ${name}`), call);
    for (const file of files) await putFile(session, file, `@${name}`, call);
    const copy = async (): Promise<number> => {
      if (files.length === 0) return 0;
      const text = `copy into ${table.quoted} from @${name} ${FORMATS[format]} on_error = abort_statement`;
      const { rows } = await session.run(plain(text), call);
      return rows.reduce((sum, row) => sum + Number(row["rows_loaded"] ?? 0), 0);
    };
    if (where === undefined) return { deleted: 0, inserted: await copy() };
    return await session.atomically(call, async () => ({
      deleted: (await session.run(deletion(table, { where }), call)).updated,
      inserted: await copy(),
    }));
  });
}
