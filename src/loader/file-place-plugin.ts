import { readFile } from "node:fs/promises";
import { extname, relative, sep } from "node:path";
import type { Loader, Plugin } from "esbuild";

/**
 * In a bundle, `import.meta.url`, `__dirname` and the like would name the bundle. Each is replaced by a name, and a file
 * that uses one gets it from a module of its own, which computes it at run time: no path of this machine enters the bundle.
 */
export const FILE_PLACE_NAMES = {
  "import.meta.url": "__tutti_url",
  "import.meta.filename": "__tutti_filename",
  "import.meta.dirname": "__tutti_dirname",
  "import.meta.resolve": "__tutti_resolve",
  __filename: "__tutti_filename",
  __dirname: "__tutti_dirname",
} as const;

/** Declared by the line that `materialize` puts before the bundle: the project's folder as a URL. */
export const PROJECT_URL = "__tutti_project";

const USES_PLACE = /\bimport\.meta\.(url|filename|dirname|resolve)\b|\b__(dirname|filename)\b/;
const NAMES = "__tutti_url, __tutti_filename, __tutti_dirname, __tutti_resolve";
const SOURCES = /\.[cm]?[jt]sx?$/;

/** A second pass, for bundles that need it: it reads every source file through JavaScript. */
export function filePlacePlugin(projectDir: string): Plugin {
  return {
    name: "tutti-file-place",
    setup(build) {
      build.onLoad({ filter: SOURCES, namespace: "file" }, async ({ path }) => {
        const text = await readFile(path, "utf8");
        if (!USES_PLACE.test(text)) return null;
        const place = JSON.stringify(`tutti-place:${relative(projectDir, path).split(sep).join("/")}`);
        return {
          contents: isModule(path, text) ? `${text}\n;import { ${NAMES} } from ${place};` : withRequire(text, place),
          loader: loaderOf(path),
        };
      });
      build.onResolve({ filter: /^tutti-place:/ }, ({ path }) => ({
        path: path.slice("tutti-place:".length),
        namespace: "tutti-place",
      }));
      build.onLoad({ filter: /.*/, namespace: "tutti-place" }, ({ path }) => ({
        contents: placeModule(path),
        loader: "js",
      }));
    },
  };
}

const placeModule = (file: string): string => `
import { fileURLToPath } from "node:url";
const meta = import.meta;
const url = new URL(${JSON.stringify(file.split("/").map(encodeURIComponent).join("/"))}, ${PROJECT_URL});
export const __tutti_url = url.href;
export const __tutti_filename = fileURLToPath(url);
export const __tutti_dirname = fileURLToPath(new URL(".", url)).slice(0, -1);
export const __tutti_resolve = (to) => /^\\.{0,2}\\//.test(to) ? new URL(to, url).href : meta.resolve(to);
`;

function isModule(path: string, text: string): boolean {
  const kind = extname(path);
  if (kind === ".cjs" || kind === ".cts") return false;
  return kind !== ".js" || text.includes("import.meta") || /^\s*(import|export)\b/m.test(text);
}

// On the first line, so that the lines of the source map stay true.
const withRequire = (text: string, place: string): string =>
  `var { ${NAMES} } = require(${place}); ${text.replace(/^#!/, "//")}`;

function loaderOf(path: string): Loader {
  const kind = extname(path).replace(/^\.[cm]?/, "");
  // JSX in a .js file is what esbuild refuses without this plugin too.
  return kind === "tsx" || kind === "jsx" || kind === "ts" ? kind : "js";
}
