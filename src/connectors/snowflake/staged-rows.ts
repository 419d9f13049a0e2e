import { randomUUID } from "node:crypto";
import { columnKind } from "../sql/column-kind.ts";
import type { Call, CopyOptions, Rows } from "../sql/driver.ts";
import { Misfit } from "../sql/misfit.ts";
import { rowBatches } from "../sql/row-batches.ts";
import { RowShape, type WriteTarget } from "../sql/row-shape.ts";
import { SqlFailed } from "../sql/sql-errors.ts";
import { rowRefused } from "../sql/write-errors.ts";
import { plain, type Session } from "./session.ts";
import { putFile, withTemporary } from "./stage.ts";
import { stagedText, StageFiles, stageField } from "./stage-file.ts";
import { COLUMN_TYPES, type Writer, writerFor } from "./write-value.ts";

interface StagedColumn {
  readonly name: string;
  readonly type: string;
  readonly writer: Writer;
}

/** Rows that wait in a temporary table of the session, each value as text, to be moved in one statement. */
export interface StagedRows {
  readonly table: string;
  readonly columns: readonly StagedColumn[];
  readonly count: number;
  /** By column, what makes its value of the text. */
  readonly values: readonly string[];
}

export interface StageFor {
  readonly target: WriteTarget;
  readonly options: CopyOptions;
  readonly call: Call;
}

/**
 * Writes rows to files, puts them to a stage of the session and copies them into a temporary table, which is dropped when `work` has ended. The
 * target is not touched, so it is locked no longer than the last step takes.
 *
 * @throws TuttiError `COLUMN_UNKNOWN`, `ROW_REFUSED`.
 */
export async function withStagedRows<R>(
  session: Session,
  rows: Rows,
  into: StageFor,
  work: (staged: StagedRows | null) => Promise<R>,
): Promise<R> {
  const files = await StageFiles.create();
  const name = `tutti_${randomUUID().replaceAll("-", "")}`;
  try {
    const written = await writeFiles(files, rows, into);
    if (written === null) return await work(null);
    return await withTemporary(session, "table", name, into.call, async () => {
      await load(session, name, files, written, into.call);
      return await work(staged(name, written));
    });
  } finally {
    await files.remove();
  }
}

interface Written {
  readonly columns: readonly StagedColumn[];
  readonly count: number;
}

async function writeFiles(files: StageFiles, rows: Rows, { target, options, call }: StageFor): Promise<Written | null> {
  let shape: RowShape | null = null;
  let columns: readonly StagedColumn[] = [];
  let count = 0;
  for await (const batch of rowBatches(rows)) {
    call.signal?.throwIfAborted();
    if (shape === null) {
      shape = new RowShape(target, batch);
      columns = columnsOf(shape, batch);
    }
    shape.refuseNewKeys(batch, count);
    await files.write(linesOf(shape, columns, batch, count));
    count += batch.length;
    options.onProgress?.(count);
  }
  await files.close();
  return shape === null ? null : { columns, count };
}

function columnsOf(shape: RowShape, first: readonly object[]): StagedColumn[] {
  return shape.columns.map(({ name, type: known }) => {
    const type = known ?? COLUMN_TYPES[columnKind(first.map((row) => shape.cell(row, name)))];
    return { name, type, writer: writerFor(type) };
  });
}

function linesOf(shape: RowShape, columns: readonly StagedColumn[], batch: readonly object[], before: number): string {
  let lines = "";
  batch.forEach((row, at) => {
    columns.forEach(({ name, type, writer }, column) => {
      lines +=
        (column === 0 ? "" : ",") + stageField(textOf(shape.cell(row, name), writer, before + at + 1, name, type));
    });
    lines += "\n";
  });
  return lines;
}

function textOf(value: unknown, writer: Writer, row: number, column: string, type: string): string | null {
  if (value === null || value === undefined) return null;
  try {
    return writer.write(value);
  } catch (error) {
    if (!(error instanceof Misfit)) throw error;
    throw rowRefused(row, column, type, error.message);
  }
}

async function load(
  session: Session,
  name: string,
  files: StageFiles,
  { columns, count }: Written,
  call: Call,
): Promise<void> {
  const fields = columns.map((_, at) => `c${at} text`).join(", ");
  await session.run(plain(`create temporary table ${name} (${fields})`), call);
  const format = `type = csv field_optionally_enclosed_by = '"' compression = gzip`;
  const copy = `copy into ${name} from @${name} file_format = (${format}) on_error = abort_statement`;
  await withTemporary(session, "stage", name, call, async () => {
    await session.run(plain(`create temporary stage ${name}`), call);
    for (const path of files.paths) await putFile(session, path, `@${name}`, call);
    await session.run(plain(copy), call);
  });
  const { rows } = await session.run(plain(`select count(*) as "n" from ${name}`), call);
  if (rows[0]?.["n"] === count) return;
  // A part of a file that did not arrive must not become a table with fewer rows.
  throw new SqlFailed(
    call.connection,
    copy,
    new Error(`${String(rows[0]?.["n"])} of ${count} rows arrived in the stage.`),
  );
}

function staged(table: string, { columns, count }: Written): StagedRows {
  return {
    table,
    columns,
    count,
    values: columns.map(({ writer }, at) => writer.read(stagedText(`c${at}`))),
  };
}
