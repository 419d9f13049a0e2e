import { OptionalPackage } from "../optional-package.ts";

export type DuckDbModule = typeof import("@duckdb/node-api");

const duckDb = new OptionalPackage<DuckDbModule>({ what: "DuckDB", name: "@duckdb/node-api" });

/**
 * DuckDB's own package, an optional peer.
 *
 * @throws DriverMissing `DRIVER_MISSING`
 */
export const duckDbModule = (): Promise<DuckDbModule> => duckDb.get();
