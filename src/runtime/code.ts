import { pathToFileURL } from "node:url";
import { build, isWorkflow } from "../authoring/build.ts";
import type { BuiltWorkflow } from "../authoring/built.ts";
import { startDeclarations } from "../authoring/connection.ts";
import { TuttiError } from "../core/errors.ts";
import { compileGraph, type Graph } from "../core/graph.ts";
import { manifestHash } from "../authoring/manifest-hash.ts";
import { ConnectionProblem } from "./connection-problem.ts";
import type { TaskClaim, VersionInfo } from "./protocol.ts";
import { readExpectedManifest, whatDiffers } from "./version-difference.ts";

/** A version whose code is in this process. */
export interface LoadedVersion {
  readonly info: VersionInfo;
  readonly built: BuiltWorkflow;
  readonly graph: Graph;
  /** By name, of what the workflow declares: those that there are. */
  readonly connections: Readonly<Record<string, unknown>>;
}

/** As long as connections are good for the next task, in milliseconds: who changes one waits no longer for it to be used. */
const CONNECTIONS_KEPT_MS = 15_000;

export interface CodeOptions {
  /** Asks for what the workflow declares. `task`: who needs it first. */
  readonly connections: (
    names: readonly string[],
    workflow: string,
    task: TaskClaim | null,
  ) => Promise<Readonly<Record<string, unknown>>>;
  /** How long a file's own module level may take. Default: 60 s. */
  readonly loadLimitMs?: number;
}

/** The versions in this process, each with a module graph of its own. One that failed to load is tried anew the next time. */
export class Code {
  readonly #options: CodeOptions;
  readonly #loaded = new Map<string, LoadedVersion>();
  /** Of those that have connections: until when these are good. */
  readonly #goodUntil = new Map<string, number>();
  readonly #loading = new Map<string, Promise<LoadedVersion>>();
  /** Files are evaluated one at a time: what the module level declares belongs to the file that is being evaluated. */
  #last: Promise<unknown> = Promise.resolve();
  #tries = 0;

  constructor(options: CodeOptions) {
    this.#options = options;
  }

  /** As it is now; `undefined`: `load` it, its connections too. */
  loaded({ hash }: VersionInfo): LoadedVersion | undefined {
    const until = this.#goodUntil.get(hash);
    return until !== undefined && performance.now() > until ? undefined : this.#loaded.get(hash);
  }

  /**
   * @throws TuttiError `CODE_NOT_LOADED` when the file can't be imported or built; `WORKFLOW_NOT_IN_CODE` when it has no such workflow;
   * `VERSION_DIFFERS` when it yields another graph than the one that was registered.
   */
  load(version: VersionInfo, task: TaskClaim | null = null): Promise<LoadedVersion> {
    const known = this.#loading.get(version.hash);
    if (known && !(this.#loaded.has(version.hash) && this.loaded(version) === undefined)) return known;
    const loading = known
      ? known.then((old) => this.#connected(old, task))
      : this.#evaluatedAlone(version).then((loaded) => this.#connected(loaded, task));
    // Whoever asks meanwhile gets the same.
    this.#goodUntil.delete(version.hash);
    this.#loading.set(version.hash, loading);
    loading.then(
      (loaded) => this.#loaded.set(version.hash, loaded),
      () => {
        this.#loading.delete(version.hash);
        this.#loaded.delete(version.hash);
      },
    );
    return loading;
  }

  #evaluatedAlone(version: VersionInfo): Promise<LoadedVersion> {
    const evaluating = this.#last.then(() => this.#load(version));
    this.#last = evaluating.catch(() => {});
    return evaluating;
  }

  async #connected(loaded: LoadedVersion, task: TaskClaim | null): Promise<LoadedVersion> {
    const { info, built } = loaded;
    const declared = built.manifest.connections;
    if (declared.length === 0) return loaded;
    const connections = await this.#options.connections(declared, info.workflow, task);
    // What could not be had is asked for anew by the next one who needs it.
    const whole = Object.values(connections).every((each) => !(each instanceof ConnectionProblem));
    this.#goodUntil.set(info.hash, performance.now() + (whole ? CONNECTIONS_KEPT_MS : 0));
    return { ...loaded, connections };
  }

  /** While no file is evaluated: for what evaluates one itself. */
  alone<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#last.then(work);
    this.#last = done.catch(() => {});
    return done;
  }

  async #load(version: VersionInfo): Promise<LoadedVersion> {
    const built = await this.#evaluate(version);
    if (manifestHash(built.manifest) !== version.manifestHash) throw await differs(version, built);
    return { info: version, built, graph: compileGraph(built.manifest), connections: {} };
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
