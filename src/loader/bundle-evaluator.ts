import process from "node:process";
import { build, isWorkflow } from "../authoring/build.ts";
import { startDeclarations } from "../authoring/connection.ts";
import { TuttiError } from "../core/errors.ts";
import { describeValue } from "./describe-value.ts";
import {
  framesIn,
  type EvaluatedWorkflow,
  type Evaluation,
  type EvaluationProblem,
  type Wanted,
} from "./evaluation.ts";
import { InputObserver } from "./observed-inputs.ts";

type Exports = Readonly<Record<string, unknown>>;

/** Imports bundles, one after the other, in this process, and says what they export. Never throws. */
export class BundleEvaluator {
  readonly #observer = new InputObserver();
  #stray: unknown[] = [];

  constructor() {
    process.on("uncaughtException", (error) => this.#stray.push(error));
    process.on("unhandledRejection", (error) => this.#stray.push(error));
    this.#observer.install();
  }

  async evaluate(url: string, file: string, want: Wanted): Promise<Evaluation> {
    const before = traces();
    this.#stray = [];
    this.#observer.begin();
    startDeclarations();
    const problems: EvaluationProblem[] = [];
    const workflows: EvaluatedWorkflow[] = [];
    let exports: Exports = {};
    try {
      exports = (await import(url)) as Exports;
      if (want === "workflows") buildWorkflows(exports, file, workflows, problems);
      // A rejection that nobody handles is told a turn later.
      await new Promise(setImmediate);
    } catch (error) {
      problems.push(problemOf(error, file, null));
    }
    problems.push(...this.#stray.map((error) => problemOf(error, file, null)));
    const { inputs, changedEnv } = this.#observer.end();
    const other =
      exports["default"] === undefined || isWorkflow(exports["default"]) ? null : describeValue(exports["default"]);
    return {
      workflows,
      problems,
      exports: Object.keys(exports),
      otherDefault: other,
      config: want === "config" ? plain(exports["default"]) : undefined,
      inputs,
      dirty: changedEnv || this.#stray.length > 0 || traces() !== before,
    };
  }
}

function buildWorkflows(
  exports: Exports,
  file: string,
  workflows: EvaluatedWorkflow[],
  problems: EvaluationProblem[],
): void {
  const seen = new Set<unknown>();
  for (const [exportName, value] of Object.entries(exports)) {
    // The same workflow by default and by name is one.
    if (!isWorkflow(value) || seen.has(value)) continue;
    seen.add(value);
    try {
      workflows.push({ exportName, manifest: build(value).manifest });
    } catch (error) {
      problems.push(problemOf(error, file, value.name));
    }
  }
}

function problemOf(error: unknown, file: string, workflow: string | null): EvaluationProblem {
  const frames = framesIn(error instanceof Error ? (error.stack ?? "") : "", file);
  if (error instanceof TuttiError) return { code: error.code, message: error.message, frames, workflow, word: null };
  const nodeCode = error instanceof Error && "code" in error ? String(error.code) : "";
  const lacking = /does not provide an export named '(.*)'/.exec(String(error))?.[1];
  if (lacking !== undefined)
    return { code: "FILE_SYNTAX_ERROR", message: (error as Error).message, frames: [], workflow, word: lacking };
  if (MISSING_MODULE.has(nodeCode))
    return {
      code: "MODULE_NOT_FOUND",
      message: (error as Error).message.split("\n")[0]!,
      frames,
      workflow,
      word: /['"](.+?)['"]/.exec((error as Error).message)?.[1] ?? null,
    };
  const shown = error instanceof Error ? `${error.name}: ${error.message}` : describeValue(error);
  return { code: "FILE_THREW", message: shown, frames, workflow, word: null };
}

const MISSING_MODULE = new Set([
  "ERR_MODULE_NOT_FOUND",
  "MODULE_NOT_FOUND",
  "ERR_PACKAGE_PATH_NOT_EXPORTED",
  "ERR_UNKNOWN_BUILTIN_MODULE",
]);

/** A configuration is data. What is none is described in its place, where the check of its fields refuses it. */
const plain = (value: unknown): unknown => {
  if (value instanceof Promise) return undefined;
  const text = JSON.stringify(value, (_, part: unknown) =>
    ["function", "symbol", "bigint"].includes(typeof part) ? describeValue(part) : part,
  ) as string | undefined;
  return text === undefined ? undefined : JSON.parse(text);
};

/** What a file may leave behind in its process, as one comparable text. */
const traces = (): string =>
  JSON.stringify([
    process.cwd(),
    Object.getOwnPropertyNames(globalThis).length,
    process.getActiveResourcesInfo().toSorted(),
    process.eventNames().map((name) => [String(name), process.listenerCount(name)]),
  ]);
