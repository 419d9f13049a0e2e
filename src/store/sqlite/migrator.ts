import { readdirSync, readFileSync } from "node:fs";
import type { Instant } from "../../core/clock.ts";
import { TuttiError } from "../../core/errors.ts";
import { placeOf } from "../../core/package-place.ts";
import { type AppliedMigration, type Migration, parseMigration, pendingMigrations } from "../migrate.ts";
import { countTables, getMigrationTable, insertMigration, listMigrations } from "./migration.sql.ts";
import type { SqliteConnection } from "./sqlite-connection.ts";

const FOLDER = placeOf("store/sqlite/migrations/");

export const sqliteMigrations = (): readonly Migration[] =>
  readdirSync(FOLDER)
    .filter((file) => file.endsWith(".sql"))
    .toSorted()
    .map((file) => parseMigration(file, readFileSync(new URL(file, FOLDER), "utf8")));

/**
 * Brings the schema up to this release. Two processes may start at once: the look without a lock is only a shortcut,
 * what counts is read again under the exclusive lock.
 */
export function migrate(
  connection: SqliteConnection,
  now: Instant,
  known: readonly Migration[] = sqliteMigrations(),
): void {
  if (pending(connection, known).length === 0) return;
  connection.transaction(() => {
    for (const migration of pending(connection, known)) {
      connection.exec(migration.sql);
      connection.run(insertMigration({ migration, now }));
    }
  }, "exclusive");
}

/** For those who may not write: the schema must be one that this release can read. */
export function checkSchema(connection: SqliteConnection, known: readonly Migration[] = sqliteMigrations()): void {
  if (pending(connection, known).length === 0) return;
  throw new TuttiError(
    "STORE_TOO_OLD",
    `Store "${connection.path}" was made by an older release. Run \`tutti run\` or \`tutti start\` once: they bring it up to date.`,
  );
}

/** What `migrate` would do. */
export const pendingSteps = (connection: SqliteConnection): readonly Migration[] =>
  pending(connection, sqliteMigrations());

const pending = (connection: SqliteConnection, known: readonly Migration[]): readonly Migration[] =>
  pendingMigrations(known, applied(connection), connection.path);

function applied(connection: SqliteConnection): readonly AppliedMigration[] {
  if (connection.get(getMigrationTable()) === null) {
    refuseForeign(connection);
    return [];
  }
  return connection
    .all<{ number: number; compatible_from: string }>(listMigrations())
    .map((row) => ({ number: row.number, compatibleFrom: row.compatible_from }));
}

function refuseForeign(connection: SqliteConnection): void {
  if (connection.get<{ tables: number }>(countTables())?.tables === 0) return;
  throw new TuttiError(
    "STORE_FOREIGN",
    `File "${connection.path}" is a SQLite database of another program. Give the store a file of its own.`,
  );
}
