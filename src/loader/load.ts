import { relative } from "node:path";
import { didYouMean } from "../authoring/nearest.ts";
import { TuttiError } from "../core/errors.ts";
import { FileLoader, type LoadOptions } from "./file-loader.ts";
import { LoadError, wholeFile } from "./load-error.ts";
import type { LoadedFile, LoadedWorkflow } from "./loaded-file.ts";
import { pipelineFiles } from "./pipeline-files.ts";

export interface ProjectOptions extends LoadOptions {
  /** The folder of the pipeline files, absolute. */
  readonly pipelinesDir: string;
}

/** A whole project, loaded. A file or workflow that is wrong stands in `errors` and hides no other. */
export interface LoadedProject {
  readonly files: readonly LoadedFile[];
  readonly workflows: ReadonlyMap<string, LoadedWorkflow>;
  readonly errors: readonly LoadError[];
  /** Files without a workflow that nothing is wrong with, in words. */
  readonly notes: readonly string[];
  /** Where it was looked, for sentences. */
  readonly looked: string;
}

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
export async function loadProject(options: ProjectOptions): Promise<LoadedProject> {
  const looked = relative(options.root, options.pipelinesDir).replaceAll("\\", "/") || ".";
  const paths = await pipelineFiles(options.pipelinesDir);
  if (paths === null)
    return { files: [], workflows: new Map(), errors: [], notes: [`There is no folder "${looked}".`], looked };
  const loader = new FileLoader(options);
  try {
    return assemble(await Promise.all(paths.map((path) => loader.load(path))), looked);
  } finally {
    loader.close();
  }
}

function assemble(files: readonly LoadedFile[], looked: string): LoadedProject {
  const imported = new Set(files.flatMap((file) => file.inputs.filter((input) => input !== file.file)));
  const errors: LoadError[] = [];
  const notes: string[] = [];
  for (const file of files) {
    if (!file.helper) errors.push(...file.errors);
    else if (!imported.has(file.file)) notes.push(...file.errors.map(({ message }) => message));
  }
  const workflows = new Map<string, LoadedWorkflow>();
  for (const [name, found] of Map.groupBy(
    files.flatMap((file) => file.workflows),
    ({ name }) => name,
  )) {
    if (found.length === 1) workflows.set(name, found[0]!);
    else errors.push(twice(name, found));
  }
  return { files, workflows, errors, notes, looked };
}

/** None is taken: which one runs would depend on the names of files. */
function twice(name: string, found: readonly LoadedWorkflow[]): LoadError {
  const files = found.map(({ file }) => `"${file}"`).join(" and ");
  return new LoadError(
    "DUPLICATE_WORKFLOW",
    `Two workflows are named "${name}": in ${files}. Give one of them another name.`,
    wholeFile(found.at(-1)!.file),
    name,
  );
}

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
