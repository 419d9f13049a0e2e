/** One measurement of a figure, with the bound that its own moment allows. */
export interface Sample {
  readonly name: string;
  readonly unit: string;
  readonly value: number;
  readonly bound: "at least" | "at most";
  readonly budget: number;
  /** What the limit took beside it, in the same unit. `null`: it is not judged by the limit. */
  readonly limit: number | null;
}

export interface Figure extends Sample {
  readonly ok: boolean;
}

/** Measures once: a sample of each of its figures. */
export type Measure<On> = (on: On) => Promise<readonly Sample[]>;

/**
 * Of all samples of each name the one whose distance from its budget is the median. Value, budget and limit are then of one
 * moment: what else the machine does at another moment can't come between them.
 */
export function medians(samples: readonly Sample[]): Figure[] {
  return [...Map.groupBy(samples, ({ name }) => name).values()].map((same) => {
    const sorted = same.toSorted((a, b) => strain(a) - strain(b));
    const median = sorted[Math.floor((sorted.length - 1) / 2)]!;
    return { ...median, ok: strain(median) <= 1 };
  });
}

/** Above 1: the budget is broken. */
const strain = ({ value, budget, bound }: Sample): number => (bound === "at most" ? value / budget : budget / value);

/**
 * A margin over the limit, as it is on quiet cores, where the limit takes `quietMs`. What slows the limit down slows the
 * rest down too, so the margin grows with it; it never shrinks.
 */
export const overLimit = (limitMs: number, marginMs: number, quietMs: number): number =>
  limitMs + marginMs * Math.max(1, limitMs / quietMs);

/** The value that this share of all is at most. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)]!;
}
