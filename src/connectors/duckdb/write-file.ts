import { mkdir } from "node:fs/promises";
import { dirname } from "node:path";
import type { CopyOptions, Rows } from "../sql/driver.ts";
import { Identifier, quote } from "../sql/identifier.ts";
import { change } from "./run.ts";
import { STAGE, stageRows } from "./stage.ts";
import type { Session } from "./write-rows.ts";

/** What DuckDB is told about each: a bound value can't stand there. */
const FORMATS = { parquet: "format parquet", csv: "format csv, header", json: "format json" } as const;
export type FileFormat = keyof typeof FORMATS;

export async function writeFile(
  { duckdb, connection, call }: Session,
  file: string,
  format: FileFormat,
  rows: Rows,
  { onProgress }: Pick<CopyOptions, "onProgress">,
): Promise<number> {
  const stage = await stageRows(
    duckdb,
    connection,
    { table: new Identifier([file]), known: null, fixed: {} },
    rows,
    call,
    onProgress,
  );
  // Without a row there is no shape either: a file of no columns.
  const columns = stage?.columns.map(({ name, writer }) => `${writer.cast(quote(name))} as ${quote(name)}`).join(", ");
  const source = columns === undefined ? "select null as empty limit 0" : `select ${columns} from ${STAGE}`;
  // DuckDB makes no folder; on a store of objects there are none.
  if (!/^\w+:\/\//.test(file)) await mkdir(dirname(file), { recursive: true });
  return await change(
    duckdb,
    connection,
    { text: `copy (${source}) to $1 (${FORMATS[format]})`, values: [file] },
    call,
  );
}
