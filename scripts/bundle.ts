import { globSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { buildSync } from "esbuild";

const ROOT = dirname(import.meta.dirname);

/** Files that something starts by their name: processes, threads, and the doors of the package. */
const STARTED = [
  "cli/main",
  "runtime/child",
  "runtime/watchdog",
  "loader/evaluate-child",
  "loader/evaluate-watchdog",
  "server/server-child",
];

interface Manifest {
  readonly exports: Record<string, string | { readonly default: string }>;
  readonly dependencies: Record<string, string>;
  readonly peerDependencies: Record<string, string>;
}

/** Dependencies of hundreds of files, of which we need a few: what a process needs of them at its start stands in our files. */
const INLINED = ["typebox", "hono", "@hono/node-server"];

/**
 * Bundles the sources into a few hundred files instead of a thousand: a command reads half as much at its start. What two entries
 * share is a chunk at the top of the folder, once. Other packages stay outside, as dependencies of the user's install.
 */
export function bundle(folder: string): void {
  buildSync({
    absWorkingDir: ROOT,
    entryPoints: [...doors(), ...STARTED].map((name) => `src/${name}.ts`),
    outbase: "src",
    outdir: folder,
    bundle: true,
    splitting: true,
    chunkNames: "[name]-[hash]",
    format: "esm",
    platform: "node",
    target: "node22.18",
    external: packages().filter((name) => !INLINED.includes(name)),
    logLevel: "error",
  });
  writeFileSync(join(folder, "LICENSES.txt"), INLINED.map(licence).join("\n"));
}

/** Whose code is among ours, and on which terms. */
const licence = (name: string): string =>
  `${name}\n\n${readFileSync(join(ROOT, "node_modules", name, globSync("{LICENSE,license}*", { cwd: join(ROOT, "node_modules", name) })[0]!), "utf8")}\n`;

const manifest = () => JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8")) as Manifest;

/** What package.json exports, as `src/` names it. */
export function doors(): string[] {
  const { exports } = manifest();
  return Object.values(exports).flatMap((door) =>
    typeof door === "string" ? [] : [door.default.replace(/^\.\/dist\/|\.js$/g, "")],
  );
}

/** What stands beside the package in the user's install, or may. */
function packages(): string[] {
  const { dependencies, peerDependencies } = manifest();
  return ["tutti", ...Object.keys(dependencies), ...Object.keys(peerDependencies)];
}
