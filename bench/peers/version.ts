import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";

const HERE = import.meta.dirname;

/** Of what is installed, which is what the lockfile says. */
export const versionOf = (packageName: string): string => versionIn(join(HERE, "node_modules", packageName));

/** With the commit, because a release number alone says nothing about a working copy. */
export function ownVersion(): string {
  const root = join(HERE, "../..");
  try {
    const commit = execFileSync("git", ["rev-parse", "--short", "HEAD"], {
      cwd: root,
      encoding: "utf8",
      stdio: "pipe",
    });
    return `${versionIn(root)}, ${commit.trim()}`;
  } catch {
    return versionIn(root);
  }
}

function versionIn(folder: string): string {
  return (JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as { version: string }).version;
}
