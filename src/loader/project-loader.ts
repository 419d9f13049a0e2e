import { dirname, join, relative } from "node:path";
import { FileLoader, type LoadOptions } from "./file-loader.ts";
import type { LoadedFile } from "./loaded-file.ts";
import { assemble, type LoadedProject } from "./loaded-project.ts";
import { pipelineTree } from "./pipeline-files.ts";

export interface ProjectOptions extends LoadOptions {
  /** The folder of the pipeline files, absolute. */
  readonly pipelinesDir: string;
}

/** A project that is loaded again and again: of each time only what a change can have touched. */
export class ProjectLoader {
  readonly #options: ProjectOptions;
  #files: ReadonlyMap<string, LoadedFile> = new Map();
  #folders: readonly string[] = [];

  constructor(options: ProjectOptions) {
    this.#options = options;
  }

  /** The folders of all that went into the versions, absolute, and those where a file may come. */
  get folders(): ReadonlySet<string> {
    const inputs = [...this.#files.values()].flatMap((file) => file.inputs);
    const own = inputs.filter((input) => !input.includes("node_modules/"));
    return new Set([...this.#folders, ...own.map((input) => dirname(join(this.#options.root, input)))]);
  }

  /** `changed`: relative to the project's folder, with forward slashes; `null`: anything may be different. */
  async load(changed: ReadonlySet<string> | null): Promise<LoadedProject> {
    const { root, pipelinesDir } = this.#options;
    const looked = relative(root, pipelinesDir).replaceAll("\\", "/") || ".";
    const tree = await pipelineTree(pipelinesDir);
    this.#folders = tree?.folders ?? [];
    if (tree === null) {
      this.#files = new Map();
      return { files: [], workflows: new Map(), errors: [], notes: [`There is no folder "${looked}".`], looked };
    }
    const paths = tree.files;
    const before = this.#files;
    // One for each time: what is installed may be different.
    const loader = new FileLoader(this.#options);
    try {
      const files = await Promise.all(
        paths.map(async (path): Promise<LoadedFile> => {
          const known = before.get(path);
          if (known && changed && !isTouched(known, changed)) return known;
          const file = await loader.load(path);
          // What it was made of is watched until it can be made again.
          return file.inputs.length > 0 || !known ? file : { ...file, inputs: known.inputs };
        }),
      );
      this.#files = new Map(files.map((file, place) => [paths[place]!, file]));
      return assemble(files, looked);
    } finally {
      loader.close();
    }
  }
}

/** One that is wrong may be right by now: nobody knows what it lacks. */
const isTouched = ({ file, errors, open, inputs }: LoadedFile, changed: ReadonlySet<string>): boolean =>
  errors.length > 0 || open || changed.has(file) || inputs.some((input) => changed.has(input));
