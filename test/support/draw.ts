import { seededRandom } from "../../src/core/seeded-random.ts";

/** One of `count`, the same for the same numbers. */
export const draw = (count: number, ...from: readonly number[]): number =>
  Math.floor(seededRandom(from.join(), 0) * count);

/** One after the other, as this seed says. */
export function picker(seed: number): (count: number) => number {
  let at = 0;
  return (count) => draw(count, seed, at++);
}
