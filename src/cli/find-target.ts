import { resolve } from "node:path";
import type { Config } from "../loader/config.ts";
import type { LoadedWorkflow } from "../loader/loaded-file.ts";

/** The workflow of this name, in the project's pipelines or in one file. `file` is relative to where the user stands. @throws TuttiError as `findWorkflow` */
export async function findTarget(name: string, config: Config, file: string | undefined, cwd: string): Promise<LoadedWorkflow> {
  const { findWorkflow, loadFile, loadProject } = await import("../loader/load.ts");
  if (file === undefined) return findWorkflow(name, await loadProject(config));
  const loaded = await loadFile(resolve(cwd, file), config);
  // Of one file that was named, whatever is wrong is what the user wants to know.
  if (loaded.workflows.length === 0 && loaded.errors[0] !== undefined) throw loaded.errors.find((error) => error.workflow === name) ?? loaded.errors[0];
  return findWorkflow(name, { workflows: new Map(loaded.workflows.map((workflow) => [workflow.name, workflow])), errors: loaded.errors, looked: loaded.file });
}
