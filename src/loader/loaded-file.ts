import { manifestHash } from "../authoring/manifest-hash.ts";
import type { Instant } from "../core/clock.ts";
import type { NewVersion } from "../store/store.ts";
import type { BundledFile } from "./bundle.ts";
import type { Evaluation } from "./evaluation.ts";
import { LoadError, wholeFile } from "./load-error.ts";
import { placeOfWord } from "./source-place.ts";
import { newVersion } from "./version.ts";

/** A pipeline file, loaded. What is wrong with a part of it stands in `errors`; the rest is there. */
export interface LoadedFile {
  /** Relative to the project's folder, with forward slashes. */
  readonly file: string;
  readonly path: string;
  /** In the order of their export names. */
  readonly workflows: readonly LoadedWorkflow[];
  readonly errors: readonly LoadError[];
  /** What went into the bundle, relative to the project's folder: what to watch. Empty when it could not be bundled. */
  readonly inputs: readonly string[];
  /** It was evaluated, exports no workflow, and no default export shows that one was meant: perhaps a module for others. */
  readonly helper: boolean;
  /** It looked at more than its bundle while it was evaluated, as at a file: any change may be one of its own. */
  readonly open: boolean;
}

export interface LoadedWorkflow {
  readonly name: string;
  readonly file: string;
  readonly exportName: string;
  readonly version: NewVersion;
  readonly manifestHash: string;
}

export const nothingLoaded = (file: string, path: string, errors: readonly LoadError[]): LoadedFile => ({
  file,
  path,
  workflows: [],
  errors,
  inputs: [],
  helper: false,
  open: false,
});

export function loadedFile(
  path: string,
  bundle: BundledFile,
  evaluation: Evaluation,
  problems: readonly LoadError[],
  now: Instant,
): LoadedFile {
  const named = Map.groupBy(evaluation.workflows, ({ manifest }) => manifest.name);
  const errors = [...problems];
  const workflows: LoadedWorkflow[] = [];
  for (const [name, found] of named) {
    if (found.length > 1)
      errors.push(
        twiceInFile(
          name,
          found.map(({ exportName }) => exportName),
          bundle,
        ),
      );
    else
      workflows.push({
        name,
        file: bundle.file,
        exportName: found[0]!.exportName,
        version: newVersion(bundle, found[0]!.manifest, now),
        manifestHash: manifestHash(found[0]!.manifest),
      });
  }
  if (problems.length === 0) errors.push(...noWorkflow(bundle, evaluation));
  return {
    file: bundle.file,
    path,
    workflows,
    errors,
    inputs: bundle.inputs,
    helper: problems.length === 0 && named.size === 0 && evaluation.otherDefault === null,
    open: !evaluation.inputs.closed,
  };
}

/** Neither is taken: which of the two is meant would depend on the order of their exports. */
function twiceInFile(name: string, exportNames: readonly string[], bundle: BundledFile): LoadError {
  return new LoadError(
    "DUPLICATE_WORKFLOW",
    `"${bundle.file}" exports two workflows named "${name}" (as ${exportNames.join(" and ")}). Give one of them another name.`,
    placeOfWord(name, bundle),
    name,
  );
}

function noWorkflow(bundle: BundledFile, { workflows, exports, otherDefault }: Evaluation): LoadError[] {
  if (otherDefault !== null) {
    const text = `The default export of "${bundle.file}" is ${otherDefault}, not a workflow. Export what dag(...) returns: export default dag("name", ...).`;
    return [new LoadError("NO_WORKFLOW", text, placeOfDefault(bundle))];
  }
  if (workflows.length > 0) return [];
  const has = exports.length === 0 ? "exports nothing" : `exports no workflow (only ${exports.slice(0, 5).join(", ")})`;
  return [
    new LoadError(
      "NO_WORKFLOW",
      `"${bundle.file}" ${has}. Export what dag(...) returns: export default dag("name", ...).`,
      wholeFile(bundle.file),
    ),
  ];
}

function placeOfDefault(bundle: BundledFile) {
  const place = placeOfWord("export default", bundle);
  return place.file === bundle.file ? place : wholeFile(bundle.file);
}
