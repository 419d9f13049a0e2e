import { createHash } from "node:crypto";
import { encodeValue } from "../core/value-codec.ts";
import type { Attempt } from "./attempt.ts";
import { ALL_SETS, factTexts, RUN_FACT_NAMES, RUN_FACTS } from "./run-facts.ts";

/** Another way of making keys is another text here: values of before are found no more. */
const FORMAT = "1";

/**
 * Under which what an attempt returns can be found: its code, its input, and what else of its run the code asks for. What that
 * will be shows only when it has run, so it is looked for under every set of it, and written under the one that it was.
 */
export class CacheKeys {
  readonly #base: string;
  /** Of each fact: params may be large, and stand in half of the sets. */
  readonly #facts: readonly { readonly bit: number; readonly text: string }[];

  /** @throws TuttiError `VALUE_NOT_SERIALIZABLE` for an input that a `pick` made of something else than plain data */
  constructor({ run, task }: Pick<Attempt, "run" | "task">, input: unknown) {
    this.#base = digest(`${FORMAT} ${run.version.hash}\n${encodeValue(input, { at: "the input" })}`);
    const texts = factTexts(run, task);
    this.#facts = RUN_FACT_NAMES.map((name) => ({ bit: RUN_FACTS[name], text: `${name} ${digest(texts[name])}` }));
  }

  /** `asked`: the facts of its run that the code asked for (`RUN_FACTS`). */
  of(asked: number): string {
    const facts = this.#facts.filter(({ bit }) => (asked & bit) !== 0);
    return digest([this.#base, ...facts.map(({ text }) => text)].join("\n"));
  }

  all(): readonly string[] {
    return ALL_SETS.map((set) => this.of(set));
  }
}

const digest = (text: string): string => createHash("sha256").update(text).digest("base64url");

/** `null`: its input has no text to be known by, so it runs, and nobody takes its value. */
export function cacheKeys(attempt: Attempt, input: unknown): CacheKeys | null {
  try {
    return new CacheKeys(attempt, input);
  } catch (error) {
    attempt.log.log("warn", `No kept value is looked for: ${(error as Error).message}`);
    return null;
  }
}
