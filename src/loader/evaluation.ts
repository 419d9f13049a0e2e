import type { WorkflowManifest } from "../core/manifest.ts";

/** What the loader and the child that evaluates files say to each other. */
export type ToEvaluator = {
  readonly kind: "evaluate";
  readonly request: number;
  readonly want: Wanted;
  readonly file: string;
  readonly limitMs: number;
};
export type FromEvaluator =
  | { readonly kind: "ready" }
  | { readonly kind: "evaluated"; readonly request: number; readonly evaluation: Evaluation }
  | Exiting;

/** Sent from the exit handler: user code ended the process. */
export interface Exiting {
  readonly kind: "exiting";
  readonly code: number;
  readonly frames: readonly Frame[];
}

export type Wanted = "workflows" | "config";

/** What a bundle turned out to export. */
export interface Evaluation {
  readonly workflows: readonly EvaluatedWorkflow[];
  readonly problems: readonly EvaluationProblem[];
  readonly exports: readonly string[];
  /** What the default export is, in words, when it is no workflow. */
  readonly otherDefault: string | null;
  /** With `want: "config"`: the default export. */
  readonly config: unknown;
  readonly inputs: ObservedInputs;
  /** The file left something behind in its process: what comes next starts in another. */
  readonly dirty: boolean;
}

export interface EvaluatedWorkflow {
  readonly exportName: string;
  readonly manifest: WorkflowManifest;
}

export interface EvaluationProblem {
  readonly code: string;
  readonly message: string;
  /** Innermost first; only those in the bundle. */
  readonly frames: readonly Frame[];
  /** The workflow that could not be built; `null`: the whole file. */
  readonly workflow: string | null;
  /** A word in the user's source that shows the place where no frame does. */
  readonly word: string | null;
}

/** A place in the bundle's file as it lies on disk, 1-based. */
export interface Frame {
  readonly line: number;
  readonly column: number;
}

/** What a file looked at while it was evaluated, beyond its own code. */
export interface ObservedInputs {
  /** Environment variables that it read, with a digest of the value; `null`: not set. */
  readonly env: Readonly<Record<string, string | null>>;
  /** It read no file, started no process and opened no connection: the same code and variables give the same result. */
  readonly closed: boolean;
}

/** Frames of a stack that lie in this file. */
export function framesIn(stack: string, file: string): Frame[] {
  const frames: Frame[] = [];
  const name = file.replaceAll("\\", "/").split("/").at(-1)!;
  for (const line of stack.split("\n")) {
    const at = line.lastIndexOf(`${name}:`);
    if (at === -1) continue;
    const [, lineNumber, column] = /^(\d+)(?::(\d+))?/.exec(line.slice(at + name.length + 1)) ?? [];
    if (lineNumber !== undefined) frames.push({ line: Number(lineNumber), column: Number(column ?? 1) });
  }
  return frames;
}
