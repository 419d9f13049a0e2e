import { TuttiError } from "../../core/errors.ts";
import type { SqlDriver } from "./driver.ts";

/** A URL's scheme and what brings its driver, each loaded when a connection first needs it. What a driver promises: `SqlDriver`. */
const DRIVERS = {
  duckdb: async (connection: string, url: string) =>
    (await import("../duckdb/duckdb-driver.ts")).duckdbDriver(connection, url),
  postgres: postgresDriver,
  postgresql: postgresDriver,
  snowflake: async (connection: string, url: string) =>
    (await import("../snowflake/snowflake-driver.ts")).snowflakeDriver(connection, url),
} as const satisfies Record<string, (connection: string, url: string) => Promise<SqlDriver>>;

async function postgresDriver(connection: string, url: string): Promise<SqlDriver> {
  return (await import("../postgres/postgres-driver.ts")).postgresDriver(connection, url);
}

/**
 * The driver for a connection's URL.
 *
 * @throws TuttiError `CONNECTION_NOT_AVAILABLE` for a scheme that has no driver, `CONNECTION_URL_REFUSED` for what is no URL.
 */
export async function driverFor(connection: string, url: string): Promise<SqlDriver> {
  const scheme = schemeOf(connection, url);
  if (isAvailable(scheme)) return await DRIVERS[scheme](connection, url);
  throw new TuttiError(
    "CONNECTION_NOT_AVAILABLE",
    `Connection "${connection}": the driver "${scheme}:" is not known. Available: ${Object.keys(DRIVERS)
      .map((name) => `${name}:`)
      .join(", ")}`,
  );
}

export function schemeOf(connection: string, url: string): string {
  const scheme = /^([a-z][a-z0-9+.-]*):/i.exec(url)?.[1];
  // The URL itself stays out of the message: it may hold a password.
  if (scheme === undefined)
    throw new TuttiError(
      "CONNECTION_URL_REFUSED",
      `Connection "${connection}": its URL has no scheme. Write it like "duckdb:./orders.db".`,
    );
  return scheme.toLowerCase();
}

const isAvailable = (scheme: string): scheme is keyof typeof DRIVERS => Object.hasOwn(DRIVERS, scheme);
