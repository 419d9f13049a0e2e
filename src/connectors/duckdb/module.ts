import { createRequire } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { DriverMissing } from "../sql/sql-errors.ts";

export type DuckDbModule = typeof import("@duckdb/node-api");

const PACKAGE = "@duckdb/node-api";

let loaded: Promise<DuckDbModule> | null = null;

/**
 * DuckDB's own package, an optional peer: loaded when first needed, from beside this package or else from the project's folder.
 *
 * @throws DriverMissing `DRIVER_MISSING` when it is in neither.
 */
export function duckDbModule(): Promise<DuckDbModule> {
  loaded ??= loadDuckDb((specifier) => import(specifier)).catch((error: unknown) => {
    // Installed meanwhile, it is found by the next task without a restart.
    loaded = null;
    throw error;
  });
  return loaded;
}

export async function loadDuckDb(
  load: (specifier: string) => Promise<unknown>,
  folder: string = process.cwd(),
): Promise<DuckDbModule> {
  try {
    return (await load(PACKAGE)) as DuckDbModule;
  } catch (error) {
    if (!isMissing(error)) throw error;
  }
  try {
    return (await load(
      pathToFileURL(createRequire(join(folder, "package.json")).resolve(PACKAGE)).href,
    )) as DuckDbModule;
  } catch (error) {
    if (!isMissing(error)) throw error;
    throw new DriverMissing("DuckDB", PACKAGE, error);
  }
}

// Only the package itself: that one of its own parts is missing is another failure, and keeps its own message.
function isMissing(error: unknown): boolean {
  const { code, message } = error as { code?: string; message?: string };
  return (code === "ERR_MODULE_NOT_FOUND" || code === "MODULE_NOT_FOUND") && message?.includes(PACKAGE) === true;
}
