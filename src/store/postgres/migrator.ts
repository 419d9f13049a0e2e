import { readdirSync, readFileSync } from "node:fs";
import type { Instant } from "../../core/clock.ts";
import { TuttiError } from "../../core/errors.ts";
import { placeOf } from "../../core/package-place.ts";
import { type AppliedMigration, type Migration, parseMigration, pendingMigrations } from "../migrate.ts";
import * as sql from "./migration.sql.ts";
import type { PostgresConnection, Session } from "./postgres-connection.ts";

const FOLDER = placeOf("store/postgres/migrations/");
const OLDEST_SERVER = 140_000;

export const postgresMigrations = (): readonly Migration[] =>
  readdirSync(FOLDER)
    .filter((file) => file.endsWith(".sql"))
    .toSorted()
    .map((file) => parseMigration(file, readFileSync(new URL(file, FOLDER), "utf8")));

/** Brings the schema up to this release and answers which steps it lacked. Of several that start at once, one works and the others find it done. */
export function migrate(
  connection: PostgresConnection,
  now: Instant | null,
  known: readonly Migration[] = postgresMigrations(),
): Promise<readonly Migration[]> {
  return connection.exclusively(async (session, exec) => {
    await refuseOldServer(session, connection.name);
    await session.run(sql.lockMigrations());
    const steps = await pending(session, connection.name, known);
    for (const migration of steps) {
      await exec(migration.sql);
      await session.run(sql.insertMigration({ migration, now }));
    }
    return steps;
  });
}

/** The schema must be one that this release can work with. */
export async function checkSchema(
  connection: PostgresConnection,
  known: readonly Migration[] = postgresMigrations(),
): Promise<void> {
  if ((await pending(connection, connection.name, known)).length === 0) return;
  throw new TuttiError(
    "STORE_TOO_OLD",
    `Store "${connection.name}" was made by an older release, or is empty. Run \`tutti migrate\` once: it brings it up to date.`,
  );
}

/** What `migrate` would do. */
export const pendingSteps = (connection: PostgresConnection): Promise<readonly Migration[]> =>
  pending(connection, connection.name, postgresMigrations());

const pending = async (session: Session, name: string, known: readonly Migration[]): Promise<readonly Migration[]> =>
  pendingMigrations(known, await applied(session, name), name);

async function applied(session: Session, name: string): Promise<readonly AppliedMigration[]> {
  if ((await session.get(sql.getMigrationTable())) === null) {
    await refuseForeign(session, name);
    return [];
  }
  const rows = await session.all<{ number: number; compatible_from: string }>(sql.listMigrations());
  return rows.map((row) => ({ number: row.number, compatibleFrom: row.compatible_from }));
}

async function refuseForeign(session: Session, name: string): Promise<void> {
  if ((await session.get<{ tables: number }>(sql.countTables()))?.tables === 0) return;
  throw new TuttiError(
    "STORE_FOREIGN",
    `Database "${name}" has a schema "tutti" of another program. Give the store a database of its own.`,
  );
}

async function refuseOldServer(session: Session, name: string): Promise<void> {
  const server = (await session.get<{ number: number; name: string }>(sql.getServerVersion()))!;
  if (server.number >= OLDEST_SERVER) return;
  throw new TuttiError("STORE_TOO_OLD", `Store "${name}" is on PostgreSQL ${server.name}. It needs 14 or newer.`);
}
