import { rm } from "node:fs/promises";
import { join } from "node:path";
import type { Bundle } from "../store/store.ts";
import { Evaluator, type EvaluationEnd, type EvaluatorOptions } from "./evaluator.ts";
import type { Wanted } from "./evaluation.ts";
import { writeBundle } from "./materialize.ts";
import { Slots } from "./slots.ts";

export interface EvaluationPoolOptions extends EvaluatorOptions {
  /** Bundles lie in its `evaluating/` while they are evaluated. */
  readonly stateDir: string;
  /** Children at once. */
  readonly size: number;
}

/**
 * Evaluates bundles in a few child processes. A child goes on to the next bundle only when the one before left nothing
 * behind, and whatever goes wrong in a child that had others before is tried again alone, so no file pays for another.
 */
export class EvaluationPool {
  readonly #options: EvaluationPoolOptions;
  readonly #idle: Evaluator[] = [];
  readonly #slots: Slots;

  constructor(options: EvaluationPoolOptions) {
    this.#options = options;
    this.#slots = new Slots(options.size);
  }

  async evaluate(bundle: Bundle, want: Wanted): Promise<EvaluationEnd> {
    // A folder of its own: the same bundle again must be a new module, and the resolve hook knows bundles by the form of their name.
    const folder = join(this.#options.stateDir, "evaluating", `${process.pid}-${serial++}`);
    const file = await writeBundle({ ...bundle, map: null }, folder, this.#options.projectDir);
    try {
      return await this.#slots.with(() => this.#evaluate(file, want));
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  }

  close(): void {
    for (const evaluator of this.#idle.splice(0)) evaluator.close();
  }

  async #evaluate(file: string, want: Wanted): Promise<EvaluationEnd> {
    const evaluator = this.#idle.pop() ?? new Evaluator(this.#options);
    const wasUsed = evaluator.used > 0;
    const end = await evaluator.evaluate(file, want);
    if (end.kind === "evaluated" && !end.evaluation.dirty && end.evaluation.problems.length === 0) {
      this.#idle.push(evaluator);
      return end;
    }
    evaluator.close();
    if (end.kind === "evaluated" && end.evaluation.problems.length === 0) return end;
    return wasUsed ? this.#evaluateAlone(file, want) : end;
  }

  async #evaluateAlone(file: string, want: Wanted): Promise<EvaluationEnd> {
    const evaluator = new Evaluator(this.#options);
    try {
      return await evaluator.evaluate(file, want);
    } finally {
      evaluator.close();
    }
  }
}

let serial = 0;
