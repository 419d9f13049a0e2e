import { existsSync, realpathSync } from "node:fs";
import { basename, dirname, join, relative, sep } from "node:path";
import { FolderWatch } from "./folder-watch.ts";
import type { LoadedProject } from "./loaded-project.ts";
import { ProjectLoader, type ProjectOptions } from "./project-loader.ts";

export interface WatchOptions extends ProjectOptions {
  /** `null`: there is none. */
  readonly configFile: string | null;
  /** The configuration has changed: this process goes on with what it has. */
  readonly onConfigChange: () => void;
}

/** An editor writes in several steps, and a checkout many files. */
const SETTLE_MS = 40;
/** What decides which packages are there, and how imports are read: then any file may come out differently. */
const CHANGES_ALL = ["package.json", "package-lock.json", "pnpm-lock.yaml", "yarn.lock", "tsconfig.json"];
/** Editors and the store write there all the time. */
const UNHEARD = /(^|\/)(\.[^/.][^/]*|[^/]*~)$/;

/** Loads a project, and again whenever one of its files was saved. `close` when done. */
export class ProjectWatch {
  readonly #options: WatchOptions;
  readonly #root: string;
  readonly #loader: ProjectLoader;
  readonly #folders = new FolderWatch((path) => this.#touch(path));
  readonly #changed = new Set<string>();
  #settling: NodeJS.Timeout | undefined;
  #told = Promise.withResolvers<void>();
  #closed = false;
  #loads = 0;

  constructor(options: WatchOptions) {
    this.#options = options;
    this.#root = realpathSync(options.root);
    this.#loader = new ProjectLoader(options);
    this.#listen();
  }

  /** The first time at once, then whenever something has changed; `null`: it was closed. */
  async next(): Promise<LoadedProject | null> {
    if (this.#loads++ > 0) await this.#told.promise;
    if (this.#closed) return null;
    this.#told = Promise.withResolvers();
    const changed = new Set(this.#changed);
    this.#changed.clear();
    const all = this.#loads === 1 || CHANGES_ALL.some((name) => changed.has(name));
    let project = await this.#loader.load(all ? null : changed);
    // What was saved in a folder before it was watched is not missed.
    while (!this.#closed && this.#listen()) project = await this.#loader.load(null);
    return this.#closed ? null : project;
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#settling);
    this.#folders.close();
    this.#told.resolve();
  }

  /** Answers whether there is a folder that was not listened to before. */
  #listen(): boolean {
    const { root, configFile, pipelinesDir } = this.#options;
    const above = [root, dirname(pipelinesDir), ...(configFile === null ? [] : [dirname(configFile)])];
    return this.#folders.set(new Set([...above, ...this.#loader.folders]));
  }

  #touch(path: string): void {
    const name = this.#name(path);
    if (UNHEARD.test(name)) return;
    const { configFile } = this.#options;
    if (configFile !== null && name === this.#name(configFile)) return this.#options.onConfigChange();
    this.#changed.add(name);
    this.#settling?.refresh();
    this.#settling ??= setTimeout(() => {
      this.#settling = undefined;
      this.#told.resolve();
    }, SETTLE_MS);
  }

  /** As bundles name their inputs: without symbolic links, relative to the project, with forward slashes. */
  #name(path: string): string {
    const folder = dirname(path);
    const real = existsSync(folder) ? join(realpathSync(folder), basename(path)) : path;
    return relative(this.#root, real).split(sep).join("/");
  }
}
