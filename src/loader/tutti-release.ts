import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { moduleAt, PACKAGE_ROOT } from "../core/package-place.ts";

const FOLDER = fileURLToPath(PACKAGE_ROOT);

/** The version of this package. */
export const tuttiVersion = (): string =>
  (version ??= (JSON.parse(readFileSync(join(FOLDER, "../package.json"), "utf8")) as { version: string }).version);

let version: string | undefined;

/** The subpaths that this package exports: `testing`, `client` and its connectors. */
export const ownParts = (): string[] => ["testing", "client", ...connectors()].map((part) => `tutti/${part}`);

export const isOwnPart = (specifier: string): boolean => specifier === "tutti" || ownParts().includes(specifier);

const connectors = (): string[] =>
  readdirSync(join(FOLDER, "connectors"), { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && existsSync(moduleAt(`connectors/${entry.name}/index`)))
    .map(({ name }) => name);

let fingerprint: string | undefined;

/**
 * Changes with everything here that has a part in making a manifest, also between two builds of one release.
 * Sizes and times instead of contents: it is computed at every start.
 */
export function tuttiFingerprint(): string {
  fingerprint ??= createHash("sha256")
    .update(
      [
        tuttiVersion(),
        process.version,
        ...stamps(FOLDER, false),
        ...["core", "authoring", "loader", "connectors"].flatMap((folder) => stamps(join(FOLDER, folder), true)),
      ].join("\n"),
    )
    .digest("hex")
    .slice(0, 16);
  return fingerprint;
}

/** At the top of `dist/` are the chunks that everything shares. */
function stamps(folder: string, recursive: boolean): string[] {
  try {
    return readdirSync(folder, { withFileTypes: true, recursive })
      .filter((entry) => entry.isFile() && /\.[jt]s$/.test(entry.name) && !/\.(test|d)\.ts$/.test(entry.name))
      .map((entry) => join(entry.parentPath, entry.name))
      .sort()
      .map((file) => `${file.slice(FOLDER.length)} ${statSync(file).size} ${statSync(file).mtimeMs}`);
  } catch {
    return [];
  }
}
