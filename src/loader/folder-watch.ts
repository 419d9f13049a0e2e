import { type FSWatcher, watch } from "node:fs";
import { join } from "node:path";

/** Hears of what happens in some folders, not in those below them. */
export class FolderWatch {
  readonly #onChange: (path: string) => void;
  readonly #watchers = new Map<string, FSWatcher>();

  /** `onChange` gets the path of a file, or of the folder where the system does not say which file. */
  constructor(onChange: (path: string) => void) {
    this.#onChange = onChange;
  }

  /** From now on these, and no others. Answers whether some were not watched before: what happened there meanwhile is unknown. */
  set(folders: ReadonlySet<string>): boolean {
    for (const folder of this.#watchers.keys()) if (!folders.has(folder)) this.#drop(folder);
    const missing = [...folders].filter((folder) => !this.#watchers.has(folder));
    return missing.map((folder) => this.#add(folder)).includes(true);
  }

  close(): void {
    this.set(new Set());
  }

  /** `false`: it is not there. What contains it tells when it comes. */
  #add(folder: string): boolean {
    try {
      const watcher = watch(folder, (_, name) => this.#onChange(name === null ? folder : join(folder, name)));
      // As when it is removed.
      watcher.on("error", () => this.#drop(folder));
      this.#watchers.set(folder, watcher);
      return true;
    } catch (error) {
      if ((error as { code?: string }).code === "ENOENT") return false;
      throw error;
    }
  }

  #drop(folder: string): void {
    this.#watchers.get(folder)?.close();
    this.#watchers.delete(folder);
  }
}
