/** The version of this package, as migrations compare it. A test holds it equal to package.json's. */
export const RELEASE = "0.1.0";

/** Negative, zero or positive, as for `sort`. Only the three numbers count: a pre-release works where its release does. */
export function compareReleases(a: string, b: string): number {
  const [left, right] = [numbers(a), numbers(b)];
  for (let place = 0; place < 3; place += 1) {
    const difference = (left[place] ?? 0) - (right[place] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}

const numbers = (release: string): number[] => release.split("-", 1)[0]!.split(".").map(Number);
