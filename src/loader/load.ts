import { didYouMean } from "../authoring/nearest.ts";
import { TuttiError } from "../core/errors.ts";
import { FileLoader, type LoadOptions } from "./file-loader.ts";
import type { LoadedFile, LoadedWorkflow } from "./loaded-file.ts";
import type { LoadedProject } from "./loaded-project.ts";
import { ProjectLoader, type ProjectOptions } from "./project-loader.ts";

export type { LoadedProject } from "./loaded-project.ts";
export type { ProjectOptions } from "./project-loader.ts";

/** Loads one pipeline file. `path`: absolute, or relative to the project's folder. Never throws for what is wrong with the file. */
export async function loadFile(path: string, options: LoadOptions): Promise<LoadedFile> {
  const loader = new FileLoader(options);
  try {
    return await loader.load(path);
  } finally {
    loader.close();
  }
}

/**
 * Loads every pipeline file under `pipelinesDir`. A file there that exports no workflow is an error only when its default
 * export shows that one was meant; otherwise it is a note, and nothing at all when another pipeline file imports it.
 */
export const loadProject = (options: ProjectOptions): Promise<LoadedProject> => new ProjectLoader(options).load(null);

/**
 * The workflow of this name.
 *
 * @throws LoadError with the workflow's own code, when it is there and wrong.
 * @throws TuttiError `WORKFLOW_NOT_FOUND`, with the nearest name and where it looked.
 */
export function findWorkflow(
  name: string,
  project: Pick<LoadedProject, "workflows" | "errors" | "looked">,
): LoadedWorkflow {
  const found = project.workflows.get(name);
  if (found !== undefined) return found;
  const wrong = project.errors.find((error) => error.workflow === name);
  if (wrong !== undefined) throw wrong;
  const names = [...project.workflows.keys()].sort();
  const broken = [...new Set(project.errors.filter(({ workflow }) => workflow === null).map(({ file }) => file))];
  const text = [
    `There is no workflow "${name}" in "${project.looked}".${didYouMean(name, names)}`,
    names.length === 0
      ? " No workflow was found there."
      : names.length <= 10
        ? ` Known: ${names.join(", ")}.`
        : ` ${names.length} others are known: run "tutti list".`,
    broken.length === 0 ? "" : ` It may be in a file that did not load (${broken.join(", ")}): run "tutti check".`,
  ];
  throw new TuttiError("WORKFLOW_NOT_FOUND", text.join(""));
}
