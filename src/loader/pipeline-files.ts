import { readdir } from "node:fs/promises";
import { join } from "node:path";

const PIPELINE = /\.(ts|mts|js|mjs|tsx)$/;
const NOT_A_PIPELINE = /\.(test|spec|d)\.[a-z]+$|^\.|^_/;
const NOT_A_FOLDER = /^(node_modules|__tests__)$|^\./;

/** What a pipeline file may be called, for people. */
export const PIPELINE_ENDINGS = ".ts, .mts, .js, .mjs or .tsx";

export const isPipelineFileName = (name: string): boolean => PIPELINE.test(name);

/** What is under the folder of the pipelines. Absolute paths. */
export interface PipelineTree {
  /** That may hold workflows, sorted: not tests, not declarations, not what begins with a dot or an underscore, nothing in `node_modules`. */
  readonly files: readonly string[];
  /** That such files may be in, with the folder itself. */
  readonly folders: readonly string[];
}

/** `null`: there is no such folder. */
export async function pipelineTree(folder: string): Promise<PipelineTree | null> {
  let entries;
  try {
    entries = await readdir(folder, { withFileTypes: true });
  } catch {
    return null;
  }
  const found = await Promise.all(
    entries.map(async (entry): Promise<PipelineTree | null> => {
      const path = join(folder, entry.name);
      if (entry.isDirectory()) return NOT_A_FOLDER.test(entry.name) ? null : pipelineTree(path);
      return PIPELINE.test(entry.name) && !NOT_A_PIPELINE.test(entry.name) ? { files: [path], folders: [] } : null;
    }),
  );
  return {
    files: found.flatMap((tree) => tree?.files ?? []).sort(),
    folders: [folder, ...found.flatMap((tree) => tree?.folders ?? [])],
  };
}
