import { readFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import type { TuttiError } from "../core/errors.ts";
import type { Config } from "../loader/config.ts";
import type { LoadError } from "../loader/load-error.ts";
import type { LoadedWorkflow } from "../loader/loaded-file.ts";

/** The workflow of this name, in the project's pipelines or in one file. `file` is relative to where the user stands. @throws TuttiError as `findWorkflow` */
export async function findTarget(
  name: string,
  config: Config,
  file: string | undefined,
  cwd: string,
): Promise<LoadedWorkflow> {
  const { findWorkflow, loadFile, loadProject } = await import("../loader/load.ts");
  if (file === undefined) {
    const project = await loadProject(config);
    try {
      return findWorkflow(name, project);
    } catch (error) {
      throw (error as TuttiError).code === "WORKFLOW_NOT_FOUND"
        ? ((await errorOfFileWith(name, project.errors, config.root)) ?? error)
        : error;
    }
  }
  const loaded = await loadFile(resolve(cwd, file), config);
  // Of one file that was named, whatever is wrong is what the user wants to know.
  if (loaded.workflows.length === 0 && loaded.errors[0] !== undefined)
    throw loaded.errors.find((error) => error.workflow === name) ?? loaded.errors[0];
  return findWorkflow(name, {
    workflows: new Map(loaded.workflows.map((workflow) => [workflow.name, workflow])),
    errors: loaded.errors,
    looked: loaded.file,
  });
}

/** A file that did not load tells no names; but one that writes this one is where the user meant. */
async function errorOfFileWith(name: string, errors: readonly LoadError[], root: string): Promise<LoadError | null> {
  for (const error of errors) {
    if (error.workflow !== null) continue;
    const text = await readFile(join(root, error.file), "utf8").catch(() => "");
    if ([`"${name}"`, `'${name}'`, `\`${name}\``].some((quoted) => text.includes(quoted))) return error;
  }
  return null;
}
