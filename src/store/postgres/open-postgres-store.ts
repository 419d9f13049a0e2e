import type { Clock } from "../../core/clock.ts";
import { newWriter } from "./group-writer.ts";
import { migrationName } from "../migrate.ts";
import { checkSchema, migrate, pendingSteps } from "./migrator.ts";
import { PostgresConnection, type ConnectionOptions } from "./postgres-connection.ts";
import { PostgresInbox } from "./postgres-inbox.ts";
import { PostgresReader } from "./postgres-reader.ts";
import { PostgresStore } from "./postgres-store.ts";
import { PostgresWakeUps, type WakeUpsOptions } from "./postgres-wake-ups.ts";
import { deleteOldWriters } from "./writer.sql.ts";

/** A step may rewrite a large table, or wait for another process that does. */
const MIGRATION_MS = 86_400_000;

export interface PostgresStoreOptions extends ConnectionOptions {
  /** Of a test. Default: the database's clock, the only one that all processes share. */
  readonly clock?: Clock;
}

/**
 * Opens the store of a process beside any number of others. The database must have been brought up to date by `migratePostgres`.
 *
 * @throws TuttiError `STORE_TOO_OLD`, `STORE_TOO_NEW`, `STORE_FOREIGN`, `STORE_DENIED`, `STORE_NOT_FOUND`, `STORE_UNREACHABLE`,
 * `STORE_CANNOT_OPEN`, `DRIVER_MISSING`
 * @example
 * const store = await openPostgresStore({ url: "postgres://tutti:secret@db.example:5432/tutti" });
 */
export function openPostgresStore({ clock, ...options }: PostgresStoreOptions): Promise<PostgresStore> {
  return opened(options, async (connection) => {
    await checkSchema(connection);
    await connection.run(deleteOldWriters());
    return new PostgresStore(connection, await newWriter(connection), clock ?? null);
  });
}

/**
 * Opens a store for reading only.
 * @throws TuttiError as `openPostgresStore`
 */
export function openPostgresReader({ clock, ...options }: PostgresStoreOptions): Promise<PostgresReader> {
  return opened(options, async (connection) => {
    await checkSchema(connection);
    return new PostgresReader(connection, () => clock?.now() ?? null);
  });
}

/**
 * Opens a store to leave commands for its schedulers, and for nothing else.
 * @throws TuttiError as `openPostgresStore`
 */
export function openPostgresInbox(options: ConnectionOptions): Promise<PostgresInbox> {
  return opened(options, async (connection) => {
    await checkSchema(connection);
    return new PostgresInbox(connection);
  });
}

/**
 * The names of the steps that a database lacks; empty: it is up to date.
 * @throws TuttiError as `openPostgresStore`
 */
export const pendingPostgresMigrations = (options: ConnectionOptions): Promise<readonly string[]> =>
  opened(options, async (connection) => {
    const steps = await pendingSteps(connection);
    await connection.close();
    return steps.map(migrationName);
  });

/**
 * Brings the schema of a database up to this release, under a lock, and answers with the names of the steps it lacked.
 * @throws TuttiError as `openPostgresStore`
 */
export async function migratePostgres(options: PostgresStoreOptions): Promise<readonly string[]> {
  const connection = await opened({ ...options, answerMs: MIGRATION_MS }, async (made) => made);
  try {
    const steps = await migrate(connection, options.clock?.now() ?? null);
    return steps.map(migrationName);
  } finally {
    await connection.close();
  }
}

// A wrong password or a server that is not there is said at once: patience is for what once worked.
async function opened<T>(options: ConnectionOptions, use: (connection: PostgresConnection) => Promise<T>): Promise<T> {
  const connection = await PostgresConnection.open(options);
  try {
    await connection.reach();
    return await use(connection);
  } catch (error) {
    await connection.close();
    throw error;
  }
}

/**
 * Begins to listen for wake-ups. Never rejects because the server is away: they begin when it is there.
 * @throws TuttiError `DRIVER_MISSING`, `STORE_CANNOT_OPEN`
 */
export const openPostgresWakeUps = (options: WakeUpsOptions): Promise<PostgresWakeUps> => PostgresWakeUps.open(options);
