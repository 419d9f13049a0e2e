import type { DuckDBConnection } from "@duckdb/node-api";
import type { Call, CopyOptions, Replaced, ReplaceOptions, Rows } from "../sql/driver.ts";
import { quote, type Identifier } from "../sql/identifier.ts";
import { partitionOf, rowsOutsidePartition, tableMissing } from "../sql/write-errors.ts";
import { despiteConflicts } from "./conflict.ts";
import type { Database } from "./database.ts";
import type { DuckDbModule } from "./module.ts";
import { change, run, transaction } from "./run.ts";
import { STAGE, stageRows, type Stage } from "./stage.ts";

/** What every writing call works with. */
export interface Session {
  readonly duckdb: DuckDbModule;
  readonly database: Database;
  readonly connection: DuckDBConnection;
  readonly call: Call;
}

export async function copyIn(session: Session, table: Identifier, rows: Rows, options: CopyOptions): Promise<number> {
  const known = await columnTypes(session, table);
  if (known === null && options.create === false) throw tableMissing(table);
  const target = { table, known, fixed: {} };
  const stage = await stageRows(session.duckdb, session.connection, target, rows, session.call, options.onProgress);
  if (stage === null) return 0;
  return await inTransaction(session, async () => {
    if (known === null) await create(session, table, stage);
    return await insert(session, table, stage);
  });
}

export async function replace(
  session: Session,
  table: Identifier,
  rows: Rows,
  options: ReplaceOptions,
): Promise<Replaced> {
  const where = partitionOf(table, options);
  const known = await columnTypes(session, table);
  if (known === null && options.create === false) throw tableMissing(table);
  const stage = await stageRows(
    session.duckdb,
    session.connection,
    { table, known, fixed: options.where },
    rows,
    session.call,
    options.onProgress,
  );
  if (stage !== null) await refuseStrangers(session, table, stage, where);
  return await inTransaction(session, async () => {
    if (known === null && stage !== null) await create(session, table, stage);
    const deleted = known === null && stage === null ? 0 : await remove(session, table, where);
    return { deleted, inserted: stage === null ? 0 : await insert(session, table, stage) };
  });
}

/** By lower-case name, as DuckDB compares them; null without such a table. */
async function columnTypes(
  { duckdb, connection, call }: Session,
  table: Identifier,
): Promise<Map<string, string> | null> {
  try {
    const rows = await run(duckdb, connection, { text: `describe ${table.quoted}`, values: [] }, call);
    return new Map(rows.map((row) => [String(row["column_name"]).toLowerCase(), String(row["column_type"])]));
  } catch (error) {
    if (error instanceof Error && error.message.includes("Catalog Error: Table with name")) return null;
    throw error;
  }
}

// `if not exists`: another process may have made it since.
async function create({ duckdb, connection, call }: Session, table: Identifier, stage: Stage): Promise<void> {
  const columns = stage.columns.map((column) => `${quote(column.name)} ${column.type}`).join(", ");
  await run(duckdb, connection, { text: `create table if not exists ${table.quoted} (${columns})`, values: [] }, call);
}

async function remove(
  { duckdb, connection, call }: Session,
  table: Identifier,
  where: ReturnType<typeof partitionOf>,
): Promise<number> {
  const conditions = where.map(([name], at) => `${quote(name)} is not distinct from $${at + 1}`).join(" and ");
  return await change(
    duckdb,
    connection,
    { text: `delete from ${table.quoted} where ${conditions}`, values: where.map(([, value]) => value) },
    call,
  );
}

async function insert({ duckdb, connection, call }: Session, table: Identifier, stage: Stage): Promise<number> {
  const names = stage.columns.map((column) => quote(column.name)).join(", ");
  const casts = stage.columns.map((column) => column.writer.cast(quote(column.name))).join(", ");
  return await change(
    duckdb,
    connection,
    { text: `insert into ${table.quoted} (${names}) select ${casts} from ${STAGE}`, values: [] },
    call,
  );
}

async function refuseStrangers(
  { duckdb, connection, call }: Session,
  table: Identifier,
  stage: Stage,
  where: ReturnType<typeof partitionOf>,
): Promise<void> {
  const casts = new Map(stage.columns.map((column) => [column.name, column.writer.cast(quote(column.name))]));
  const conditions = where
    .map(([name], at) => `${casts.get(name) ?? quote(name)} is distinct from $${at + 1}`)
    .join(" or ");
  const [row] = await run(
    duckdb,
    connection,
    { text: `select count(*) as strangers from ${STAGE} where ${conditions}`, values: where.map(([, value]) => value) },
    call,
  );
  if (row?.["strangers"] === 0) return;
  throw rowsOutsidePartition(table, where, `${String(row?.["strangers"])} of ${stage.count} rows have`);
}

/** All or nothing. */
async function inTransaction<R>(session: Session, work: () => Promise<R>): Promise<R> {
  return await session.database.inTurn(() => despiteConflicts(() => transaction(session.connection, work)));
}
