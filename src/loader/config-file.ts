import { existsSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { bundleFile, type BundledFile } from "./bundle.ts";
import { exitedError, problemError, stuckError } from "./evaluation-error.ts";
import { EvaluationPool } from "./evaluation-pool.ts";
import type { EvaluationEnd } from "./evaluator.ts";
import { LoadError, wholeFile } from "./load-error.ts";
import { topLevelAwait } from "./top-level-await.ts";

const CONFIG_NAMES = ["tutti.config.ts", "tutti.config.mts", "tutti.config.js", "tutti.config.mjs"];

/** Longer than any honest configuration takes; not configurable, because this is where it would be said. */
const LIMIT_MS = 10_000;

/** Upwards from `cwd` to the top of the repository. */
export function findProject(cwd: string): { root: string; configFile: string | null } {
  const above = foldersAbove(cwd);
  for (const root of above) {
    const name = CONFIG_NAMES.find((candidate) => existsSync(join(root, candidate)));
    if (name !== undefined) return { root, configFile: join(root, name) };
  }
  const root = above.find((folder) =>
    [".tutti", "pipelines", "package.json"].some((sign) => existsSync(join(folder, sign))),
  );
  return { root: root ?? cwd, configFile: null };
}

function foldersAbove(cwd: string): string[] {
  const folders = [cwd];
  for (let folder = cwd; !existsSync(join(folder, ".git")) && dirname(folder) !== folder;) {
    folder = dirname(folder);
    folders.push(folder);
  }
  return folders;
}

/** The default export of a configuration file, evaluated like a pipeline file: in a process of its own, with a time limit. */
export async function readConfigFile(configFile: string, root: string, env: NodeJS.ProcessEnv): Promise<object> {
  const result = await bundleFile(configFile, { projectDir: root });
  if (!result.ok) throw result.errors[0]!;
  const { bundle } = result;
  const end = await evaluateConfig(bundle, root, env);
  if (end.kind === "exited") throw exitedError(end, bundle);
  if (end.kind === "stuck")
    throw stuckError(end, bundle, LIMIT_MS, end.frames.length > 0 ? null : await topLevelAwait(configFile, root));
  const [problem] = end.evaluation.problems;
  if (problem !== undefined) throw problemError(problem, bundle);
  const { config, otherDefault } = end.evaluation;
  if (config !== null && typeof config === "object" && !Array.isArray(config)) return config;
  const is = otherDefault === null ? "has no default export" : `has ${otherDefault} as its default export`;
  throw new LoadError(
    "BAD_CONFIG",
    `"${bundle.file}" ${is}. Write: export default defineConfig({ ... }).`,
    wholeFile(bundle.file),
  );
}

async function evaluateConfig(bundle: BundledFile, root: string, env: NodeJS.ProcessEnv): Promise<EvaluationEnd> {
  // Not in the state folder: where that is, this file may say. A fresh folder, because nobody else may write the code that runs here.
  const stateDir = await mkdtemp(join(tmpdir(), "tutti-config-"));
  const pool = new EvaluationPool({ projectDir: root, stateDir, limitMs: LIMIT_MS, env, size: 1 });
  try {
    return await pool.evaluate({ hash: bundle.hash, code: bundle.code, map: null }, "config");
  } finally {
    pool.close();
    await rm(stateDir, { recursive: true, force: true });
  }
}
