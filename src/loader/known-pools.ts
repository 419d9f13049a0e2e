import { didYouMean } from "../authoring/nearest.ts";
import { LoadError, wholeFile } from "./load-error.ts";
import type { LoadedFile, LoadedWorkflow } from "./loaded-file.ts";

/** Takes out the workflows of which a task names a pool that is not declared: it would wait for ever. `null`: it is not known what is. */
export function refuseUnknownPools(file: LoadedFile, pools: Readonly<Record<string, number>> | undefined): LoadedFile {
  if (pools === undefined) return file;
  const known = Object.keys(pools).sort();
  const errors: LoadError[] = [];
  const workflows = file.workflows.filter((workflow) => {
    const found = unknownIn(workflow, known);
    errors.push(...found);
    return found.length === 0;
  });
  return errors.length === 0 ? file : { ...file, workflows, errors: [...file.errors, ...errors] };
}

const unknownIn = ({ name, file, version }: LoadedWorkflow, known: readonly string[]): LoadError[] =>
  version.manifest.tasks
    .filter(({ pool }) => pool !== undefined && !known.includes(pool))
    .map(
      ({ name: task, pool = "" }) =>
        new LoadError(
          "POOL_UNKNOWN",
          `Task "${task}" of workflow "${name}" takes slots of pool "${pool}", which is not declared.${didYouMean(pool, known)} Write in tutti.config.ts: pools: { ${/^[a-z_]\w*$/i.test(pool) ? pool : JSON.stringify(pool)}: 4 }`,
          wholeFile(file),
          name,
        ),
    );
