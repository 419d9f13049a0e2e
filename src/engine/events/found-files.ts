import { watch } from "node:fs";
import { glob, stat } from "node:fs/promises";
import { isAbsolute, join, relative, resolve, sep } from "node:path";
import { TuttiError } from "../../core/errors.ts";
import type { FileFacts } from "../../core/file-marks.ts";

/** More is no inbox any more: a store of objects, or a table, takes it. */
const MAX_FILES = 50_000;
const MAGIC = /[*?[\]{}!()]/;

/** Where files are looked for. */
export interface FileFinder {
  /** @throws TuttiError `TOO_MANY_FILES` */
  find(root: string, pattern: string): Promise<ReadonlyMap<string, FileFacts>>;
  watch(folder: ReturnType<typeof folderOf>, call: () => void): (() => void) | null;
}

/** The files of a pattern, by the paths that people know them by. @throws TuttiError `TOO_MANY_FILES` */
async function findFiles(root: string, pattern: string): Promise<Map<string, FileFacts>> {
  const found = new Map<string, FileFacts>();
  for await (const path of glob(pattern, { cwd: root })) {
    const full = resolve(root, path);
    const facts = await stat(full).catch(() => null);
    if (!facts?.isFile()) continue;
    if (found.size === MAX_FILES)
      throw new TuttiError(
        "TOO_MANY_FILES",
        `More than ${MAX_FILES} files are "${pattern}". Move those that are done with elsewhere, or narrow the pattern.`,
      );
    found.set(shownPath(root, full), { modifiedMs: facts.mtimeMs, size: facts.size });
  }
  return found;
}

function shownPath(root: string, full: string): string {
  const inside = relative(root, full);
  const path = inside.startsWith("..") || isAbsolute(inside) ? full : inside;
  return path.replaceAll(sep, "/");
}

/** The folder that all of them are in, and whether they may be deeper in it. */
export function folderOf(root: string, pattern: string): { readonly folder: string; readonly deep: boolean } {
  const parts = pattern.split("/");
  const magic = parts.findIndex((part) => MAGIC.test(part));
  const fixed = parts.slice(0, magic === -1 ? -1 : magic).join("/");
  const folder = isAbsolute(pattern) ? fixed || "/" : join(root, fixed);
  return { folder, deep: magic !== -1 && magic < parts.length - 1 };
}

/** Calls when something in a folder may have changed, while the system says so. Answers how to stop; `null`: it can't be watched now. */
function watchFolder({ folder, deep }: ReturnType<typeof folderOf>, call: () => void): (() => void) | null {
  try {
    const watcher = watch(folder, { recursive: deep, persistent: false }, call);
    watcher.on("error", () => watcher.close());
    return () => watcher.close();
  } catch {
    return null;
  }
}

export const ON_DISK: FileFinder = { find: findFiles, watch: watchFolder };
