import { isBuiltin, registerHooks } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { moduleAt } from "../core/package-place.ts";

export interface ResolveHookOptions {
  /** Where packages that are no part of a bundle are looked for. */
  readonly projectDir: string;
}

/**
 * Lets a bundle run from any folder: `tutti` and `tutti/<sub>` are this package, whoever imports them, so that there is one of it;
 * other packages that the bundle imports are found as from the project's folder.
 *
 * @returns How to take it away.
 */
export function installResolveHook({ projectDir }: ResolveHookOptions): () => void {
  const project = pathToFileURL(join(projectDir, "package.json")).href;
  const hooks = registerHooks({
    resolve(specifier, context, next) {
      const own = ownModule(specifier);
      if (own !== null) return next(own, context);
      const outside = isBare(specifier) && !isBuiltin(specifier) && isBundle(context.parentURL);
      return next(specifier, outside ? { ...context, parentURL: project } : context);
    },
  });
  return () => hooks.deregister();
}

/** Subpaths that are no connector's. */
const PARTS = new Set(["testing", "client"]);

function ownModule(specifier: string): string | null {
  if (specifier === "tutti") return moduleAt("index").href;
  const [, sub] = /^tutti\/([a-z][a-z0-9-]*)$/.exec(specifier) ?? [];
  if (sub === undefined) return null;
  return moduleAt(PARTS.has(sub) ? `${sub}/index` : `connectors/${sub}/index`).href;
}

const isBare = (specifier: string): boolean =>
  !/^(\.{0,2}\/|[a-z][a-z0-9+.-]+:)/i.test(specifier) && !specifier.startsWith("#");

/** Named by its hash, perhaps imported with its version. Everything else, a package of the same workspace too, resolves from where it is. */
const isBundle = (parent: string | undefined): boolean =>
  parent !== undefined && /\/[0-9a-f]{32}\.mjs$|\.mjs\?v=/.test(parent);
