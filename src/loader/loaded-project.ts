import { findTriggerLoop } from "../core/trigger-loop.ts";
import { LoadError, wholeFile } from "./load-error.ts";
import type { LoadedFile, LoadedWorkflow } from "./loaded-file.ts";

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

/** What the files are together. */
export function assemble(files: readonly LoadedFile[], looked: string): LoadedProject {
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
  errors.push(...withoutLoops(workflows));
  return { files, workflows, errors, notes, looked };
}

/** Takes out the workflows that would start each other for ever; what they are is known only when all are there. */
function withoutLoops(workflows: Map<string, LoadedWorkflow>): LoadError[] {
  const errors: LoadError[] = [];
  for (;;) {
    const loop = findTriggerLoop([...workflows.values()].map(({ version }) => version.manifest));
    if (loop === null) return errors;
    for (const name of new Set(loop)) {
      const { file } = workflows.get(name)!;
      errors.push(new LoadError("TRIGGER_LOOP", loopText(loop), wholeFile(file), name));
      workflows.delete(name);
    }
  }
}

const loopText = (loop: readonly string[]): string =>
  loop.length === 2
    ? `Workflow "${loop[0]}" starts itself: a run of it leads to the next one, for ever. Take the trigger away, or let it hear of something that it does not make.`
    : `Workflows start each other for ever: ${loop.join(" -> ")}. Take one of their triggers away.`;

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
