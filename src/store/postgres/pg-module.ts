import { createRequire } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { TuttiError } from "../../core/errors.ts";

export type PgModule = typeof import("pg");

const PACKAGE = "pg";

/**
 * The driver, an optional peer: loaded when a PostgreSQL store is opened, from beside this package or else from the project's
 * folder. `pg` and not `postgres`: without named statements, which a transaction-mode pooler loses, it still needs one round
 * trip for a statement with values; `postgres` needs two (0.8 against 1.6 ms a commit).
 *
 * @throws TuttiError `DRIVER_MISSING` when it is in neither.
 */
export async function pgModule(
  load: (specifier: string) => Promise<unknown> = (specifier) => import(specifier),
  folder: string = process.cwd(),
): Promise<PgModule> {
  try {
    return moduleOf(await load(PACKAGE));
  } catch (error) {
    if (!isMissing(error)) throw error;
  }
  try {
    return moduleOf(await load(pathToFileURL(createRequire(join(folder, "package.json")).resolve(PACKAGE)).href));
  } catch (cause) {
    if (!isMissing(cause)) throw cause;
    throw new TuttiError(
      "DRIVER_MISSING",
      `A PostgreSQL store needs the package "${PACKAGE}", which is not installed. Install it: npm install ${PACKAGE}`,
      { cause },
    );
  }
}

const moduleOf = (loaded: unknown): PgModule => (loaded as { readonly default: PgModule }).default;

// Only the package itself: that one of its own parts is missing is another failure, and keeps its own message.
function isMissing(error: unknown): boolean {
  const { code, message } = error as { code?: string; message?: string };
  return (code === "ERR_MODULE_NOT_FOUND" || code === "MODULE_NOT_FOUND") && message?.includes(`'${PACKAGE}'`) === true;
}
