import type { Plugin } from "esbuild";
import { isOwnPart } from "./tutti-release.ts";
import type { InstalledPackages, PackageInfo } from "./outside-package.ts";

export interface OutsideOptions {
  readonly projectDir: string;
  /** Package names the configuration keeps outside; `@scope/*` takes every package of a scope. */
  readonly external: readonly string[];
  readonly packages: InstalledPackages;
  /** Filled while the bundle is made: package name to installed version. */
  readonly outside: Map<string, string>;
}

const ASKED = Symbol("asked by this plugin");

/** Keeps `tutti`, packages with native code and what `external` lists out of the bundle, and records their versions. */
export function outsidePlugin(options: OutsideOptions): Plugin {
  return {
    name: "tutti-outside",
    setup(build) {
      build.onResolve({ filter: /^[^./]/ }, async (args) => {
        if (args.kind === "entry-point" || args.pluginData === ASKED || args.path.startsWith("node:")) return null;
        const name = packageName(args.path);
        // Said as esbuild says it, so that both read alike in the end.
        if (name === "tutti")
          return isOwnPart(args.path)
            ? { path: args.path, external: true }
            : { errors: [{ text: `Could not resolve "${args.path}"` }] };
        if (isListed(name, options.external))
          return keepOutside(options, args.path, name, options.packages.find(name, args.resolveDir));

        const found = await build.resolve(args.path, {
          importer: args.importer,
          resolveDir: args.resolveDir,
          kind: args.kind,
          with: args.with,
          pluginData: ASKED,
        });
        // Asked again without an answer from here, esbuild itself says what is missing.
        if (found.errors.length > 0) return null;
        if (found.external) return { path: found.path, external: true };
        const owner = found.namespace === "file" ? options.packages.ofFile(found.path) : null;
        // A path alias can look like a package; only a file of the package of this name can stay outside under its name.
        if (owner?.native === true && owner.name === name) return keepOutside(options, args.path, name, owner);
        return { path: found.path, namespace: found.namespace, suffix: found.suffix, sideEffects: found.sideEffects };
      });
    },
  };
}

function keepOutside(
  options: OutsideOptions,
  path: string,
  name: string,
  found: PackageInfo | null,
): { path: string; external: true } | null {
  if (found === null) return null;
  options.outside.set(name, found.version);
  return { path, external: true };
}

const isListed = (name: string, external: readonly string[]): boolean =>
  external.some((listed) => listed === name || (listed.endsWith("/*") && name.startsWith(listed.slice(0, -1))));

/** `@scope/name/sub` → `@scope/name`. */
export const packageName = (specifier: string): string =>
  specifier.split("/", specifier.startsWith("@") ? 2 : 1).join("/");
