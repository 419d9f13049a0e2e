import type { WorldOptions } from "./story.ts";

/** A mistake that `scripts/plant-mistakes.ts` makes in a copy of the code: it has to be seen by one of the first worlds of its kind. */
export interface Mistake {
  readonly what: string;
  readonly kind: keyof WorldOptions | "plain";
  readonly file: string;
  /** Stands in the file once. */
  readonly from: string;
  readonly to: string;
}

/** Those that one kind of world sees. */
export const mistakesOf =
  (kind: Mistake["kind"]) =>
  (what: string, file: string, from: string, to = ""): Mistake => ({ kind, what, file: `src/${file}`, from, to });
