import { statSync } from "node:fs";
import { type Clock, systemClock } from "../../core/clock.ts";
import { TuttiError } from "../../core/errors.ts";
import { migrationName } from "../migrate.ts";
import { checkSchema, migrate, pendingSteps, sqliteMigrations } from "./migrator.ts";
import { retryWhileBusy } from "./retry-while-busy.ts";
import { SqliteConnection } from "./sqlite-connection.ts";
import { SqliteInbox } from "./sqlite-inbox.ts";
import { SqliteReader } from "./sqlite-reader.ts";
import { SqliteStore } from "./sqlite-store.ts";
import { findStoreFile, IN_MEMORY, makeStoreFile } from "./store-file.ts";

/** Up to this size a file is checked page by page when it is opened: 4 MB take about 10 ms. */
const QUICK_CHECK_BYTES = 4 * 1024 * 1024;
const CACHE_KIB = 16 * 1024;
/**
 * Pages in the log at which a commit moves them into the file. A busy engine rewrites the same pages again and again: with
 * SQLite's own 1,000 they move four times as often, and each time the commit waits for two more syncs. More than these would
 * take a second part of the index by which a page is found in the log.
 */
const CHECKPOINT_PAGES = 4_000;
/** The log is cut back to this when a checkpoint has emptied it. */
const LOG_BYTES = 64 * 1024 * 1024;

export interface SqliteStoreOptions {
  /** The file, made with its folder when missing, or `":memory:"`. */
  readonly path: string;
  /** Default: the system's clock. */
  readonly clock?: Clock;
}

/**
 * Opens the store for its owner and brings its schema up to date. Whoever calls this holds the owner lock (`tryOwn`);
 * readers use `openSqliteReader`, which needs none.
 *
 * @throws TuttiError `STORE_TOO_NEW`, `STORE_DAMAGED`, `STORE_FOREIGN`, `STORE_FULL`, `STORE_READ_ONLY`,
 * `STORE_ON_NETWORK`, `STORE_BUSY`, `STORE_CANNOT_OPEN`
 * @example
 * const store = await openSqliteStore({ path: ".tutti/tutti.db" });
 */
export async function openSqliteStore({ path, clock = systemClock }: SqliteStoreOptions): Promise<SqliteStore> {
  return opened(makeStoreFile(path), false, (connection) => {
    setUp(connection);
    migrate(connection, clock.now());
    check(connection);
    return new SqliteStore(connection, clock.now(), clock);
  });
}

/**
 * Opens a store for reading only, beside whatever owner it has.
 * @throws TuttiError `STORE_NOT_FOUND`, `STORE_TOO_NEW`, `STORE_TOO_OLD`, `STORE_DAMAGED`, `STORE_ON_NETWORK`
 */
export async function openSqliteReader({ path, clock }: SqliteStoreOptions): Promise<SqliteReader> {
  return opened(findStoreFile(path), true, (connection) => {
    checkSchema(connection);
    return new SqliteReader(connection, clock);
  });
}

/**
 * Opens a store to leave commands for its owner, and for nothing else.
 * @throws TuttiError `STORE_NOT_FOUND`, `STORE_TOO_NEW`, `STORE_TOO_OLD`, `STORE_DAMAGED`, `STORE_READ_ONLY`
 */
export async function openSqliteInbox({ path }: { readonly path: string }): Promise<SqliteInbox> {
  return opened(findStoreFile(path), false, (connection) => {
    checkSchema(connection);
    setDurability(connection);
    return new SqliteInbox(connection);
  });
}

/**
 * The names of the steps that a store lacks; empty: it is up to date.
 * @throws TuttiError `STORE_NOT_FOUND`, `STORE_TOO_NEW`, `STORE_FOREIGN`, `STORE_DAMAGED`, `STORE_ON_NETWORK`
 */
export async function pendingSqliteMigrations({ path }: { readonly path: string }): Promise<readonly string[]> {
  return opened(findStoreFile(path), true, (connection) => {
    const steps = pendingSteps(connection);
    connection.close();
    return steps.map(migrationName);
  });
}

/** The names of all steps, which a file that is not there yet lacks. */
export const allSqliteMigrations = (): readonly string[] => sqliteMigrations().map(migrationName);

function opened<T>(path: string, readOnly: boolean, use: (connection: SqliteConnection) => T): T {
  const connection = new SqliteConnection(path, { readOnly });
  try {
    return use(connection);
  } catch (error) {
    connection.close();
    throw error;
  }
}

function setUp(connection: SqliteConnection): void {
  // Before the first table, and before WAL writes the first page: it cannot be set later.
  connection.exec("pragma auto_vacuum = incremental");
  // Of two processes that make the same file, the second is told "busy" at once: SQLite does not wait here.
  retryWhileBusy(() => connection.exec("pragma journal_mode = wal"));
  setDurability(connection);
  connection.exec(
    `pragma cache_size = -${CACHE_KIB}; pragma temp_store = memory;
     pragma wal_autocheckpoint = ${CHECKPOINT_PAGES}; pragma journal_size_limit = ${LOG_BYTES}`,
  );
}

function setDurability(connection: SqliteConnection): void {
  connection.exec("pragma synchronous = full; pragma foreign_keys = on");
  // macOS: fsync only reaches the drive's cache.
  if (process.platform === "darwin") connection.exec("pragma fullfsync = on; pragma checkpoint_fullfsync = on");
}

function check(connection: SqliteConnection): void {
  if (connection.path === IN_MEMORY || statSync(connection.path).size > QUICK_CHECK_BYTES) return;
  const found = connection.checkPages();
  if (found === null) return;
  throw new TuttiError(
    "STORE_DAMAGED",
    `Store "${connection.path}" is damaged (${found}). Put back a copy of it, or move it away together with its "-wal" file to start an empty one.`,
  );
}
