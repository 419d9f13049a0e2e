import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import semver from "semver";
import type { VersionRecord } from "../store/store.ts";
import { InstalledPackages } from "./outside-package.ts";
import { tuttiVersion } from "./tutti-release.ts";

export interface FitOptions {
  /** The folder of the project on this machine: where packages outside the bundle are looked for. */
  readonly projectDir: string;
  /** Packages that must be the very version that the code was made with. Default: none. */
  readonly exact?: readonly string[];
  /** Of tutti, here. Default: this one. */
  readonly release?: string;
}

/**
 * Why this machine cannot run a version, as a sentence; `null`: it can. What stays outside a bundle may move within the range of the
 * project's package.json, without one within its major version; tutti itself within its major version.
 *
 * @example
 * whyUnfit(version, { projectDir: config.root, exact: config.exact });
 */
export function whyUnfit({ outside }: Pick<VersionRecord, "outside">, options: FitOptions): string | null {
  const { projectDir, exact = [], release = tuttiVersion() } = options;
  // Read anew: what was missing may have been installed.
  const installed = new InstalledPackages();
  for (const [name, madeWith] of Object.entries(outside)) {
    const why =
      name === "tutti"
        ? releaseUnfit(madeWith, release)
        : packageUnfit(name, madeWith, installed.find(name, projectDir)?.version ?? null, {
            range: rangeOf(name, projectDir),
            isExact: exact.includes(name),
          });
    if (why !== null) return why;
  }
  return null;
}

function releaseUnfit(madeWith: string, release: string): string | null {
  if (semver.major(madeWith) === semver.major(release)) return null;
  return `It was made with tutti ${madeWith}, and this is ${release}: another major version.`;
}

function packageUnfit(
  name: string,
  madeWith: string,
  here: string | null,
  { range, isExact }: { readonly range: string | null; readonly isExact: boolean },
): string | null {
  if (here === null) return `Package "${name}" is not installed here; the code was made with ${madeWith}.`;
  if (here === madeWith) return null;
  if (isExact)
    return `Package "${name}" is ${here} here, and "exact" asks for ${madeWith}, which the code was made with.`;
  const allowed = range ?? `^${madeWith}`;
  const asked = range === null ? "which the code was made with, or one of its major version" : "as package.json says";
  if (!allows(allowed, here)) return `Package "${name}" is ${here} here, and not "${allowed}", ${asked}.`;
  if (allows(allowed, madeWith)) return null;
  return `The code was made with ${madeWith} of package "${name}", and package.json here asks for "${allowed}".`;
}

// Some publish nothing but pre-releases.
const allows = (range: string, version: string): boolean =>
  semver.satisfies(version, range, { includePrerelease: true });

const DEPENDENCIES = ["dependencies", "optionalDependencies", "peerDependencies", "devDependencies"] as const;

/** What the project, or the workspace around it, asks for; `null`: nothing, or something that is no range, such as a folder. */
function rangeOf(name: string, projectDir: string): string | null {
  for (let folder = projectDir; ; folder = dirname(folder)) {
    const json = readPackageJson(folder);
    const asked = DEPENDENCIES.map((field) => json[field]?.[name]).find((range) => range !== undefined);
    if (asked !== undefined) {
      const range = asked.replace(/^npm:.*@/, "").replace(/^workspace:/, "");
      return semver.validRange(range) === null ? null : range;
    }
    if (dirname(folder) === folder) return null;
  }
}

function readPackageJson(
  folder: string,
): Partial<Record<(typeof DEPENDENCIES)[number], Readonly<Record<string, string>>>> {
  try {
    return JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as ReturnType<typeof readPackageJson>;
  } catch {
    return {};
  }
}
