import { TuttiError } from "../../core/errors.ts";
import type { StepId } from "./step-record.ts";

/** Gives each step of one execution of a body its identity: what it is called, and how many were called so before. */
export class StepNames {
  /** The first name, and how often it was called: many bodies have no other. */
  #first: string | null = null;
  #firstCount = 0;
  #counts: Map<string, number> | null = null;
  #open: Set<string> | null = null;

  /** @throws TuttiError `STEP_AMBIGUOUS` */
  open(kind: StepId["kind"], name: string, key: string | null): StepId {
    const text = JSON.stringify([kind, name, key]);
    if (kind === "step" && this.#open?.has(text))
      throw new TuttiError(
        "STEP_AMBIGUOUS",
        key === null
          ? `Step "${name}" is open twice at once, and after a restart nobody could tell one from the other. Give each a key: ctx.step("${name}", work, { key: … }).`
          : `Step "${name}" with key "${key}" is open twice at once, and after a restart nobody could tell one from the other. Give each a key of its own.`,
      );
    if (kind === "step") (this.#open ??= new Set()).add(text);
    return { kind, name, key, nth: this.#count(text) };
  }

  #count(text: string): number {
    if ((this.#first ??= text) === text) return ++this.#firstCount;
    const counts = (this.#counts ??= new Map());
    const nth = (counts.get(text) ?? 0) + 1;
    counts.set(text, nth);
    return nth;
  }

  close({ kind, name, key }: StepId): void {
    this.#open?.delete(JSON.stringify([kind, name, key]));
  }
}
