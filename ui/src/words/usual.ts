export interface Usual {
  /** Half of them took no longer. */
  readonly median: number;
  /** 95 of 100 took no longer. */
  readonly most: number;
}

const FEW = 5;

/** What is usual among some lengths of time; `null`: there are too few to say. */
export function usualOf(lengths: readonly number[]): Usual | null {
  if (lengths.length < FEW) return null;
  const sorted = [...lengths].sort((a, b) => a - b);
  const at = (part: number): number => sorted[Math.min(sorted.length - 1, Math.ceil(part * sorted.length) - 1)]!;
  return { median: at(0.5), most: at(0.95) };
}
