import { createHash } from "node:crypto";
import { cpSync, existsSync, globSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { spawnSync } from "node:child_process";
import { dirname, join } from "node:path";

const ROOT = dirname(import.meta.dirname);
const VITE = join(ROOT, "node_modules", "vite", "bin", "vite.js");
/** Says of which sources the pages were made. */
const MARK = ".made-of";

/** What is bundled into the pages besides ui/ itself. */
const SOURCES = ["ui/**/*", "src/client/**/*.ts", "src/core/**/*.ts", "package-lock.json"];

/**
 * Puts the built pages into `folder`: those of `before`, when they are of exactly these sources, else new ones.
 * Answers with what the builder said, when it failed.
 */
export function putUi(folder: string, before: string): { readonly ok: boolean; readonly output: string } {
  const mark = uiMark();
  if (existsSync(join(before, MARK)) && readFileSync(join(before, MARK), "utf8") === mark) {
    cpSync(before, folder, { recursive: true });
    return { ok: true, output: "" };
  }
  rmSync(folder, { recursive: true, force: true });
  const vite = spawnSync(
    process.execPath,
    [VITE, "build", "--config", join(ROOT, "ui", "vite.config.ts"), "--outDir", folder, "--logLevel", "warn"],
    { cwd: ROOT, encoding: "utf8" },
  );
  if (vite.status === 0) writeFileSync(join(folder, MARK), mark);
  return { ok: vite.status === 0, output: (vite.stdout + vite.stderr).trim() };
}

/** Of contents, not of times: a fresh clone has the same. */
export function uiMark(): string {
  const hash = createHash("sha256");
  for (const path of SOURCES.flatMap((pattern) => globSync(pattern, { cwd: ROOT })).sort()) {
    if (!statSync(join(ROOT, path)).isFile() || /\.test(-data)?\.tsx?$/.test(path)) continue;
    hash.update(`${path}\n`).update(readFileSync(join(ROOT, path)));
  }
  return hash.digest("hex");
}
