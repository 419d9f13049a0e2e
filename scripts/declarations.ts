import { spawnSync } from "node:child_process";
import { existsSync, globSync, readFileSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { doors } from "./bundle.ts";

const ROOT = dirname(import.meta.dirname);
const COMPILER = join(ROOT, "node_modules", "typescript", "bin", "tsc");

export const hasCompiler = (): boolean => existsSync(COMPILER);

/** Writes the declarations that a user's compiler can come to from a door of the package. `output`: what the compiler said. */
export function declare(folder: string): { ok: boolean; output: string } {
  const compiler = spawnSync(
    process.execPath,
    [COMPILER, "-p", join(ROOT, "tsconfig.build.json"), "--outDir", folder],
    {
      cwd: ROOT,
      encoding: "utf8",
    },
  );
  const reached = new Set<string>();
  for (const door of doors()) reach(join(folder, `${door}.d.ts`), reached);
  for (const file of globSync("**/*.d.ts", { cwd: folder }).map((name) => join(folder, name)))
    if (!reached.has(file)) rmSync(file);
  return { ok: compiler.status === 0, output: (compiler.stdout + compiler.stderr).trim() };
}

function reach(file: string, reached: Set<string>): void {
  if (reached.has(file) || !existsSync(file)) return;
  reached.add(file);
  for (const [, path] of readFileSync(file, "utf8").matchAll(/(?:from|import)\s*\(?\s*["'](\.[^"']+)["']/g))
    reach(join(dirname(file), path!.replace(/\.[jt]s$/, ".d.ts")), reached);
}
