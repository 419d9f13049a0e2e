import { createHash } from "node:crypto";
import { realpathSync } from "node:fs";
import { join, relative, resolve, sep } from "node:path";
import type { BuildFailure, BuildOptions, Metafile, OutputFile, Plugin } from "esbuild";
import { bundleProblems } from "./bundle-problem.ts";
import { withEsbuild } from "./esbuild-service.ts";
import { FILE_PLACE_NAMES, filePlacePlugin } from "./file-place-plugin.ts";
import type { LoadError } from "./load-error.ts";
import { InstalledPackages } from "./outside-package.ts";
import { outsidePlugin } from "./outside-plugin.ts";
import { tuttiVersion } from "./tutti-release.ts";

export interface BundleOptions {
  readonly projectDir: string;
  /** Packages to keep out of the bundle. Default: none beyond those with native code. */
  readonly external?: readonly string[];
  /** What is known of installed packages, to share between the files of one load. Default: a fresh look. */
  readonly packages?: InstalledPackages;
}

export interface BundledFile {
  /** The pipeline file, relative to the project's folder. */
  readonly file: string;
  /** One ES module. The same on every machine: no absolute path is in it. */
  readonly code: string;
  /** Its source map, with sources relative to the project's folder. */
  readonly map: string;
  /** Of `code` alone. */
  readonly hash: string;
  /** `tutti` and the packages that stay outside, by name, with the installed version. */
  readonly outside: Readonly<Record<string, string>>;
  /** Every file that went in, relative to the project's folder: what to watch. */
  readonly inputs: readonly string[];
}

export type BundleResult =
  | { readonly ok: true; readonly bundle: BundledFile }
  | { readonly ok: false; readonly errors: readonly LoadError[] };

/** Makes one pipeline file, with what it imports, one ES module. Nothing of the user's runs. */
export async function bundleFile(path: string, options: BundleOptions): Promise<BundleResult> {
  const projectDir = realpathSync(options.projectDir);
  const packages = options.packages ?? new InstalledPackages();
  const outside = new Map<string, string>();
  const keepOutside = outsidePlugin({ projectDir, external: options.external ?? [], packages, outside });
  const entry = realpathSync(resolve(projectDir, path));
  const file = slashed(relative(projectDir, entry));
  try {
    let built = await build(entry, projectDir, [keepOutside]);
    if (built.code.includes("__tutti_"))
      built = await build(entry, projectDir, [filePlacePlugin(projectDir), keepOutside]);
    const hash = createHash("sha256").update(built.code).digest("hex").slice(0, 32);
    return {
      ok: true,
      bundle: { file, ...built, hash, outside: sortedByName(outside.set("tutti", tuttiVersion())) },
    };
  } catch (error) {
    if (!isBuildFailure(error)) throw error;
    return { ok: false, errors: bundleProblems(error.errors, { projectDir, file, packages }) };
  }
}

async function build(
  entry: string,
  projectDir: string,
  plugins: Plugin[],
): Promise<{ code: string; map: string; inputs: readonly string[] }> {
  const { outputFiles, metafile } = await withEsbuild((esbuild) =>
    esbuild.build({
      ...OPTIONS,
      entryPoints: [entry],
      absWorkingDir: projectDir,
      outfile: join(projectDir, "bundle.mjs"),
      plugins,
    }),
  );
  const [map, code] = outputFiles as [OutputFile, OutputFile];
  return { code: code.text, map: withoutPackageText(map.text), inputs: fileInputs(metafile) };
}

/** The text of packages is ten times the rest and nobody reads it; places in them stay. */
function withoutPackageText(text: string): string {
  if (!text.includes("node_modules/")) return text;
  const map = JSON.parse(text) as { sources: string[]; sourcesContent: (string | null)[] };
  map.sourcesContent = map.sourcesContent.map((content, at) =>
    map.sources[at]!.includes("node_modules/") ? null : content,
  );
  return JSON.stringify(map);
}

const TEXT = "text";

const OPTIONS = {
  bundle: true,
  format: "esm",
  platform: "node",
  target: "node22",
  write: false,
  metafile: true,
  sourcemap: "external",
  charset: "utf8",
  legalComments: "none",
  logLevel: "silent",
  // Retry rules match errors by the name of their class, which bundling may change.
  keepNames: true,
  define: FILE_PLACE_NAMES,
  loader: {
    ".txt": TEXT,
    ".sql": TEXT,
    ".md": TEXT,
    ".csv": TEXT,
    ".html": TEXT,
    ".yaml": TEXT,
    ".yml": TEXT,
    ".graphql": TEXT,
    ".wasm": "binary",
  },
} as const satisfies BuildOptions;

const fileInputs = (metafile: Metafile): string[] =>
  Object.keys(metafile.inputs)
    .filter((input) => !input.startsWith("tutti-place:"))
    .sort();

const sortedByName = (versions: ReadonlyMap<string, string>): Record<string, string> =>
  Object.fromEntries([...versions].sort(([a], [b]) => (a < b ? -1 : 1)));

const slashed = (path: string): string => (sep === "/" ? path : path.split(sep).join("/"));

const isBuildFailure = (error: unknown): error is BuildFailure =>
  error instanceof Error && Array.isArray((error as BuildFailure).errors);
