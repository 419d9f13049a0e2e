import { randomUUID } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, rename, writeFile } from "node:fs/promises";
import { dirname, join, relative, resolve, sep } from "node:path";
import { manifestHash } from "../authoring/manifest-hash.ts";
import { expectedManifestFile } from "../runtime/version-difference.ts";
import type { Bundle, NewVersion } from "../store/store.ts";
import { PROJECT_URL } from "./file-place-plugin.ts";

/**
 * Puts a bundle on this machine's disk, where child processes import it: `<stateDir>/versions/<hash>.mjs` with its source
 * map beside it. Written once, and at once: no reader ever sees half a file.
 *
 * @param projectDir The folder that relative places in the bundle refer to. Default: the one that holds `stateDir`.
 * @returns The absolute path of the module.
 */
export async function materialize(
  bundle: Bundle,
  stateDir: string,
  projectDir: string = dirname(resolve(stateDir)),
): Promise<string> {
  return writeBundle(bundle, join(resolve(stateDir), "versions"), projectDir);
}

/** The same, with the graph beside it: a child whose code yields another one can say what differs. */
export async function materializeVersion(
  version: Pick<NewVersion, "bundle" | "manifest">,
  stateDir: string,
  projectDir?: string,
): Promise<string> {
  const file = await materialize(version.bundle, stateDir, projectDir);
  const beside = expectedManifestFile({ file, manifestHash: manifestHash(version.manifest) });
  if (!existsSync(beside)) await writeWhole(beside, JSON.stringify(version.manifest));
  return file;
}

export async function writeBundle(bundle: Bundle, folder: string, projectDir: string): Promise<string> {
  const file = join(folder, `${bundle.hash}.mjs`);
  if (existsSync(file)) return file;
  await mkdir(folder, { recursive: true });
  // Relative, so that a project which is moved with its state keeps working.
  const toProject = `${encodeURI(relative(folder, projectDir).split(sep).join("/"))}/`;
  if (bundle.map !== null) await writeWhole(`${file}.map`, placedMap(bundle.map, toProject));
  await writeWhole(file, placedCode(bundle, toProject));
  return file;
}

/** One line goes before the code, so every line of the map is one further down. */
function placedMap(map: string, toProject: string): string {
  const parsed = JSON.parse(map) as { mappings: string };
  return JSON.stringify({ ...parsed, sourceRoot: toProject, mappings: `;${parsed.mappings}` });
}

function placedCode(bundle: Bundle, toProject: string): string {
  const place = `const ${PROJECT_URL} = new URL(${JSON.stringify(toProject)}, import.meta.url).href;`;
  // Bundled CommonJS packages ask for Node's own modules with a `require` that ES modules don't have.
  const require = bundle.code.includes("var __require = ")
    ? ` import { createRequire as __tutti_createRequire } from "node:module"; const require = __tutti_createRequire(${PROJECT_URL} + "package.json");`
    : "";
  const mapLine = bundle.map === null ? "" : `\n//# sourceMappingURL=${bundle.hash}.mjs.map\n`;
  return `${place}${require}\n${bundle.code}${mapLine}`;
}

async function writeWhole(file: string, text: string): Promise<void> {
  const half = `${file}.${randomUUID()}.tmp`;
  await writeFile(half, text);
  await rename(half, file);
}
