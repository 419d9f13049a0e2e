import { existsSync, readdirSync, statSync } from "node:fs";
import { availableParallelism } from "node:os";
import { basename, dirname, join, relative, resolve } from "node:path";
import { didYouMean } from "../authoring/nearest.ts";
import { systemClock, type Clock } from "../core/clock.ts";
import { bundleFile, type BundledFile } from "./bundle.ts";
import { EvaluationCache } from "./evaluation-cache.ts";
import { exitedError, problemError, stuckError } from "./evaluation-error.ts";
import { EvaluationPool } from "./evaluation-pool.ts";
import type { Evaluation } from "./evaluation.ts";
import { LoadError, wholeFile } from "./load-error.ts";
import { loadedFile, nothingLoaded, type LoadedFile } from "./loaded-file.ts";
import { refuseUnknownPools } from "./known-pools.ts";
import { InstalledPackages } from "./outside-package.ts";
import { isPipelineFileName, PIPELINE_ENDINGS } from "./pipeline-files.ts";
import { Slots } from "./slots.ts";
import { topLevelAwait } from "./top-level-await.ts";

/** What of the configuration loading needs; a `Config` fits. */
export interface LoadOptions {
  /** The project's folder, absolute. */
  readonly root: string;
  readonly stateDir: string;
  /** How long one file may take to be evaluated. Default: 10,000. */
  readonly loadTimeoutMs?: number;
  /** Packages to keep out of bundles. Default: none beyond those with native code. */
  readonly external?: readonly string[];
  /** Those that tasks may name. Default: any. */
  readonly pools?: Readonly<Record<string, number>>;
  /** Default: this process's, without connections and secrets. */
  readonly env?: NodeJS.ProcessEnv;
  readonly clock?: Clock;
}

// A child takes about 100 ms to start, a small file about 5: more children than this cost more than they bring.
const MAX_CHILDREN = 4;
/** Bundles of files that import much are large; this many are in memory at once. */
const FILES_AT_ONCE = 16;

/** Loads files of one project: bundle, evaluate in a child process, make versions. `close` when done. */
export class FileLoader {
  readonly #options: LoadOptions;
  readonly #packages = new InstalledPackages();
  readonly #cache: EvaluationCache;
  readonly #pool: EvaluationPool;
  readonly #atOnce = new Slots(FILES_AT_ONCE);
  readonly #limitMs: number;

  constructor(options: LoadOptions) {
    this.#options = options;
    this.#limitMs = options.loadTimeoutMs ?? 10_000;
    const env = options.env ?? withoutGrants(process.env);
    this.#cache = new EvaluationCache(options.stateDir, env);
    this.#pool = new EvaluationPool({
      projectDir: options.root,
      stateDir: options.stateDir,
      limitMs: this.#limitMs,
      env,
      size: Math.min(MAX_CHILDREN, availableParallelism()),
    });
  }

  load(path: string): Promise<LoadedFile> {
    return this.#atOnce.with(() => this.#load(path));
  }

  close(): void {
    this.#pool.close();
  }

  async #load(path: string): Promise<LoadedFile> {
    const absolute = resolve(this.#options.root, path);
    const refused = this.#refusal(absolute);
    if (refused !== null) return nothingLoaded(refused.file, absolute, [refused]);
    const result = await bundleFile(absolute, {
      projectDir: this.#options.root,
      external: this.#options.external ?? [],
      packages: this.#packages,
    });
    if (!result.ok) return nothingLoaded(this.#name(absolute), absolute, result.errors);
    const evaluation = (await this.#cache.get(result.bundle)) ?? (await this.#evaluate(result.bundle));
    if (evaluation instanceof LoadError)
      return { ...nothingLoaded(result.bundle.file, absolute, [evaluation]), inputs: result.bundle.inputs };
    const errors = evaluation.problems.map((problem) => problemError(problem, result.bundle));
    const { clock = systemClock, pools } = this.#options;
    return refuseUnknownPools(loadedFile(absolute, result.bundle, evaluation, errors, clock.now()), pools);
  }

  #refusal(absolute: string): LoadError | null {
    const file = this.#name(absolute);
    if (!existsSync(absolute))
      return new LoadError(
        "FILE_NOT_FOUND",
        `There is no file "${file}".${didYouMean(basename(absolute), siblings(absolute))}`,
        wholeFile(file),
      );
    if (statSync(absolute).isDirectory())
      return new LoadError("FILE_NOT_FOUND", `"${file}" is a folder. Name a pipeline file in it.`, wholeFile(file));
    if (isPipelineFileName(absolute)) return null;
    return new LoadError(
      "FILE_NOT_IMPORTABLE",
      `"${file}" is no pipeline file: its name must end in ${PIPELINE_ENDINGS}.`,
      wholeFile(file),
    );
  }

  async #evaluate(bundle: BundledFile): Promise<Evaluation | LoadError> {
    const end = await this.#pool.evaluate(bundle, "workflows");
    if (end.kind === "exited") return exitedError(end, bundle);
    if (end.kind === "stuck")
      return stuckError(
        end,
        bundle,
        this.#limitMs,
        end.frames.length > 0 ? null : await topLevelAwait(join(this.#options.root, bundle.file), this.#options.root),
      );
    await this.#cache.put(bundle, end.evaluation);
    return end.evaluation;
  }

  #name(absolute: string): string {
    return relative(this.#options.root, absolute).replaceAll("\\", "/");
  }
}

/** A worker gives tasks the connections and secrets they may use; the shape of a workflow must not depend on them. */
const withoutGrants = (env: NodeJS.ProcessEnv): NodeJS.ProcessEnv =>
  Object.fromEntries(Object.entries(env).filter(([name]) => !/^TUTTI_(CONNECTION|SECRET)_/.test(name)));

function siblings(absolute: string): string[] {
  try {
    return readdirSync(dirname(absolute));
  } catch {
    return [];
  }
}
