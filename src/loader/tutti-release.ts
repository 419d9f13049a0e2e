import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { extname, join } from "node:path";
import { fileURLToPath } from "node:url";

const FOLDER = fileURLToPath(new URL("../", import.meta.url));

/** The version of this package. */
export const tuttiVersion = (): string =>
  (version ??= (JSON.parse(readFileSync(join(FOLDER, "../package.json"), "utf8")) as { version: string }).version);

let version: string | undefined;

/** The subpaths that this package exports: `testing` and its connectors. */
export const ownParts = (): string[] =>
  ["testing", ...folders(join(FOLDER, "connectors"))].map((part) => `tutti/${part}`);

export const isOwnPart = (specifier: string): boolean => specifier === "tutti" || ownParts().includes(specifier);

const folders = (folder: string): string[] =>
  readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && existsSync(join(folder, entry.name, `index${extname(import.meta.url)}`)))
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
        ...["core", "authoring", "loader", "connectors"].flatMap((folder) => stamps(join(FOLDER, folder))),
      ].join("\n"),
    )
    .digest("hex")
    .slice(0, 16);
  return fingerprint;
}

function stamps(folder: string): string[] {
  try {
    return readdirSync(folder, { withFileTypes: true, recursive: true })
      .filter((entry) => entry.isFile() && /\.[jt]s$/.test(entry.name) && !/\.(test|d)\.ts$/.test(entry.name))
      .map((entry) => join(entry.parentPath, entry.name))
      .sort()
      .map((file) => `${file.slice(FOLDER.length)} ${statSync(file).size} ${statSync(file).mtimeMs}`);
  } catch {
    return [];
  }
}
