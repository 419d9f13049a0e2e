import { pathToFileURL } from "node:url";
import { build, isWorkflow } from "../authoring/build.ts";
import type { BuiltWorkflow } from "../authoring/built.ts";
import { startDeclarations } from "../authoring/connection.ts";
import { TuttiError } from "../core/errors.ts";
import { compileGraph, type Graph } from "../core/graph.ts";
import { manifestHash } from "../authoring/manifest-hash.ts";
import type { VersionInfo } from "./protocol.ts";
import { readExpectedManifest, whatDiffers } from "./version-difference.ts";

/** A version whose code is in this process. */
export interface LoadedVersion {
  readonly info: VersionInfo;
  readonly built: BuiltWorkflow;
  readonly graph: Graph;
  /** By name, of what the workflow declares: those that are configured. */
  readonly connections: Readonly<Record<string, unknown>>;
}

export interface CodeOptions {
  /** Asks for what the workflow declares. */
  readonly connections: (names: readonly string[]) => Promise<Readonly<Record<string, unknown>>>;
  /** How long a file's own module level may take. Default: 60 s. */
  readonly loadLimitMs?: number;
}

/** The versions in this process, each with a module graph of its own. One that failed to load is tried anew the next time. */
export class Code {
  readonly #options: CodeOptions;
  readonly #loaded = new Map<string, LoadedVersion>();
  readonly #loading = new Map<string, Promise<LoadedVersion>>();
  /** Files are evaluated one at a time: what the module level declares belongs to the file that is being evaluated. */
  #last: Promise<unknown> = Promise.resolve();
  #tries = 0;

  constructor(options: CodeOptions) {
    this.#options = options;
  }

  loaded(version: VersionInfo): LoadedVersion | undefined {
    return this.#loaded.get(version.hash);
  }

  /**
   * @throws TuttiError `CODE_NOT_LOADED` when the file can't be imported or built; `WORKFLOW_NOT_IN_CODE` when it has no such workflow;
   * `VERSION_DIFFERS` when it yields another graph than the one that was registered.
   */
  load(version: VersionInfo): Promise<LoadedVersion> {
    const known = this.#loading.get(version.hash);
    if (known) return known;
    const loading = this.#last.then(() => this.#load(version));
    this.#last = loading.catch(() => {});
    this.#loading.set(version.hash, loading);
    loading.then(
      (loaded) => this.#loaded.set(version.hash, loaded),
      () => this.#loading.delete(version.hash),
    );
    return loading;
  }

  async #load(version: VersionInfo): Promise<LoadedVersion> {
    const built = await this.#evaluate(version);
    if (manifestHash(built.manifest) !== version.manifestHash) throw await differs(version, built);
    const declared = built.manifest.connections;
    const connections = declared.length === 0 ? {} : await this.#options.connections(declared);
    return { info: version, built, graph: compileGraph(built.manifest), connections };
  }

  async #evaluate(version: VersionInfo): Promise<BuiltWorkflow> {
    startDeclarations();
    // Node remembers a module that failed; another query is another module.
    const retry = this.#tries++ === 0 ? "" : `&try=${this.#tries}`;
    const url = `${pathToFileURL(version.file).href}?v=${version.hash}${retry}`;
    try {
      const exports = await this.#inTime(import(url) as Promise<Readonly<Record<string, unknown>>>);
      return build(workflowIn(exports, version));
    } catch (error) {
      if (error instanceof TuttiError) throw error;
      const why = error instanceof Error ? error.message : String(error);
      throw new TuttiError(
        "CODE_NOT_LOADED",
        `The code of workflow "${version.workflow}" can't be loaded: ${why}. Does its file load with "tutti check"?`,
        { cause: error },
      );
    }
  }

  async #inTime<T>(work: Promise<T>): Promise<T> {
    const limitMs = this.#options.loadLimitMs ?? 60_000;
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(new Error(`its module level did not end within ${limitMs} ms`)), limitMs);
    });
    return Promise.race([work, late]).finally(() => clearTimeout(timer));
  }
}

function workflowIn(exports: Readonly<Record<string, unknown>>, version: VersionInfo) {
  const workflows = Object.values(exports).filter(isWorkflow);
  const found = workflows.find((workflow) => workflow.name === version.workflow);
  if (found) return found;
  const names = workflows.map((workflow) => `"${workflow.name}"`).join(", ") || "none";
  throw new TuttiError(
    "WORKFLOW_NOT_IN_CODE",
    `Workflow "${version.workflow}" is not among the exports of its file, which has: ${names}. Does it export the same workflows everywhere?`,
  );
}

async function differs(version: VersionInfo, built: BuiltWorkflow): Promise<TuttiError> {
  const expected = await readExpectedManifest(version);
  const what = expected === null ? "" : ` ${whatDiffers(expected, built.manifest)}`;
  return new TuttiError(
    "VERSION_DIFFERS",
    `The code of workflow "${version.workflow}" yields another graph here than when it was registered (version ${version.hash.slice(0, 12)}).${what} Does its body depend on the environment, the clock or chance? Use params instead.`,
  );
}
