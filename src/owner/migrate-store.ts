import { systemClock } from "../core/clock.ts";
import type { StorePlace } from "../loader/config-store.ts";
import { own } from "../store/sqlite/owner-lock.ts";
import { openStore, pendingMigrations } from "./open-store.ts";

/**
 * Brings the schema of a store up to this release, and answers with the names of the steps it lacked. Of several that do so at
 * once, one works and the others find it done. A SQLite store that is owned has the schema of its owner.
 *
 * @throws TuttiError `STORE_LOCKED`, and as `openStore`
 */
export async function migrateStore(place: StorePlace, command: string): Promise<readonly string[]> {
  if (place.kind === "postgres") {
    const { migratePostgres } = await import("../store/postgres/open-postgres-store.ts");
    return migratePostgres(place);
  }
  const steps = await missingSteps(place);
  const lock = own(place.path, { pid: process.pid, socket: null, startedAt: systemClock.now(), command });
  try {
    await (await openStore(place)).close();
    return steps;
  } finally {
    lock.release();
  }
}

/** A file that is not there yet lacks all of them. */
export async function missingSteps(place: StorePlace): Promise<readonly string[]> {
  try {
    return await pendingMigrations(place);
  } catch (error) {
    if (place.kind === "postgres" || (error as { code?: string }).code !== "STORE_NOT_FOUND") throw error;
    const { allSqliteMigrations } = await import("../store/sqlite/open-sqlite-store.ts");
    return allSqliteMigrations();
  }
}
