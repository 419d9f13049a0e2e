import { mkdirSync, realpathSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { parseDuration } from "../../core/duration.ts";
import { TuttiError } from "../../core/errors.ts";

const DEFAULT_LOCK_TIMEOUT_MS = 30_000;

/** Where a DuckDB URL points. */
export interface Location {
  /** Absolute; `:memory:` for a database that lives in this process only. */
  readonly path: string;
  readonly memory: boolean;
  /** The same for every URL of the same database in this process. */
  readonly key: string;
  /** DuckDB's own settings, e.g. `access_mode`. */
  readonly settings: Readonly<Record<string, string>>;
  /** How long a call waits while another process holds the file. */
  readonly lockTimeoutMs: number;
}

/**
 * Reads `duckdb:<path>[?setting=value&…]`. A relative path is seen from the working directory, as DuckDB does.
 * `lock_timeout` is ours (default 30s); every other setting is DuckDB's: `access_mode=read_only`, `memory_limit=2GB`, `threads=1`.
 *
 * @throws TuttiError `CONNECTION_URL_REFUSED` for a URL without a path, `BAD_DURATION` for its `lock_timeout`.
 */
export function locate(connection: string, url: string, folder: string = process.cwd()): Location {
  const [, path = "", query = ""] = /^duckdb:(?:\/\/(?=\/))?([^?]*)\??(.*)$/i.exec(url) ?? [];
  if (path === "")
    throw new TuttiError(
      "CONNECTION_URL_REFUSED",
      `Connection "${connection}": "${url}" names no file. Write it like "duckdb:./orders.db", or "duckdb::memory:".`,
    );
  const { lock_timeout: lockTimeout, ...settings } = Object.fromEntries(new URLSearchParams(query));
  const lockTimeoutMs = lockTimeout === undefined ? DEFAULT_LOCK_TIMEOUT_MS : parseDuration(lockTimeout);
  // DuckDB gives each name after `:memory:` a database of its own; so do we, and one for each connection that gives none.
  if (path.startsWith(":memory:"))
    return {
      path: ":memory:",
      memory: true,
      key: path === ":memory:" ? `:memory:${connection}` : path,
      settings,
      lockTimeoutMs,
    };
  const file = canonical(resolve(folder, path), settings["access_mode"] === "read_only");
  return { path: file, memory: false, key: file, settings, lockTimeoutMs };
}

// Two paths to one file must share one instance: the operating system's lock does not keep a process from opening it twice.
function canonical(file: string, readOnly: boolean): string {
  try {
    return realpathSync(file);
  } catch {
    if (readOnly) return file;
    mkdirSync(dirname(file), { recursive: true });
    return join(realpathSync(dirname(file)), basename(file));
  }
}
