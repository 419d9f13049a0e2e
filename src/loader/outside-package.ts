import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";

/** A package as far as the loader must know it. */
export interface PackageInfo {
  readonly name: string;
  readonly version: string;
  readonly folder: string;
  /** It, or a package it depends on, holds native code: it can't be bundled, and finds its own parts only where it is installed. */
  readonly native: boolean;
}

interface PackageJson {
  readonly name?: string;
  readonly version?: string;
  readonly gypfile?: boolean;
  readonly binary?: unknown;
  readonly napi?: unknown;
  readonly os?: unknown;
  readonly cpu?: unknown;
  readonly scripts?: Readonly<Record<string, string>>;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

/** Reads installed packages. One for each load, so that an `npm install` in between is seen. */
export class InstalledPackages {
  readonly #json = new Map<string, PackageJson | null>();
  readonly #native = new Map<string, boolean>();

  /** The package that a file belongs to, or `null` outside of any named package. */
  ofFile(file: string): PackageInfo | null {
    for (let folder = dirname(file); ; folder = dirname(folder)) {
      const json = this.#read(folder);
      // A package.json without a name only sets `type` for a subfolder.
      if (json?.name !== undefined) return this.#info(folder, json);
      if (dirname(folder) === folder || folder.endsWith("node_modules")) return null;
    }
  }

  /** The package of this name as code in `from` would find it. */
  find(name: string, from: string): PackageInfo | null {
    for (let folder = from; ; folder = dirname(folder)) {
      const candidate = join(folder, "node_modules", name);
      const json = this.#read(candidate);
      if (json !== null) return this.#info(candidate, json);
      if (dirname(folder) === folder) return null;
    }
  }

  #info(folder: string, json: PackageJson): PackageInfo {
    return { name: json.name ?? "", version: json.version ?? "0.0.0", folder, native: this.#isNative(folder, json) };
  }

  #isNative(folder: string, json: PackageJson): boolean {
    const known = this.#native.get(folder);
    if (known !== undefined) return known;
    this.#native.set(folder, false); // dependencies go in circles
    const native = saysNative(json) || holdsNativeFile(folder) || this.#dependsOnNative(folder, json);
    this.#native.set(folder, native);
    return native;
  }

  #dependsOnNative(folder: string, json: PackageJson): boolean {
    return Object.keys({ ...json.dependencies, ...json.optionalDependencies }).some(
      (name) => this.find(name, folder)?.native === true,
    );
  }

  #read(folder: string): PackageJson | null {
    let json = this.#json.get(folder);
    if (json === undefined) {
      json = readJson(join(folder, "package.json"));
      this.#json.set(folder, json);
    }
    return json;
  }
}

const PLATFORM = /(^|[-_/])(linux|darwin|win32|windows|macos|freebsd|android)([-_/]|$)/;

function saysNative(json: PackageJson): boolean {
  return (
    json.gypfile === true ||
    json.binary !== undefined ||
    json.napi !== undefined ||
    json.os !== undefined ||
    json.cpu !== undefined ||
    json.scripts?.["install"] !== undefined ||
    json.scripts?.["preinstall"] !== undefined ||
    json.scripts?.["postinstall"] !== undefined ||
    // The platform's part may be absent here and present on the worker: the name tells.
    Object.keys(json.optionalDependencies ?? {}).some((name) => PLATFORM.test(name))
  );
}

// Where build tools and prebuilders put binaries. Walking every folder of every package would cost more than bundling it.
const NATIVE_FOLDERS = {
  ".": 0,
  lib: 0,
  dist: 0,
  bin: 0,
  native: 0,
  "build/Release": 0,
  binding: 2,
  "lib/binding": 2,
  prebuilds: 2,
} as const;

const holdsNativeFile = (folder: string): boolean =>
  existsSync(join(folder, "binding.gyp")) ||
  Object.entries(NATIVE_FOLDERS).some(([sub, depth]) => hasNodeFile(join(folder, sub), depth));

function hasNodeFile(folder: string, depth: number): boolean {
  let entries;
  try {
    entries = readdirSync(folder, { withFileTypes: true });
  } catch {
    return false;
  }
  return entries.some(
    (entry) =>
      entry.name.endsWith(".node") ||
      (depth > 0 && entry.isDirectory() && hasNodeFile(join(folder, entry.name), depth - 1)),
  );
}

function readJson(file: string): PackageJson | null {
  try {
    return JSON.parse(readFileSync(file, "utf8")) as PackageJson;
  } catch {
    return null;
  }
}
