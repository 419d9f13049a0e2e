import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Place } from "./system.ts";
import { runToEnd } from "./system-process.ts";

/** `TUTTI_PYTHON` names another one. */
const PYTHON = process.env["TUTTI_PYTHON"] ?? "python3";

/**
 * A virtual environment with these packages, `dagster-pipes==1.13.28`, in the system's folder. One that has them already is left as it is; one
 * that was begun and not finished is made anew. Gives its folder.
 */
export async function pythonVenv({ folder, signal }: Place, packages: readonly string[]): Promise<string> {
  const venv = join(folder, "venv");
  const done = join(venv, "packages.txt");
  const wanted = packages.join("\n");
  if (existsSync(done) && readFileSync(done, "utf8") === wanted) return venv;
  rmSync(venv, { recursive: true, force: true });
  await runToEnd(PYTHON, ["-m", "venv", venv], { signal });
  await runToEnd(join(venv, "bin", "pip"), ["install", "--quiet", "--disable-pip-version-check", ...packages], {
    signal,
  });
  writeFileSync(done, wanted);
  return venv;
}
