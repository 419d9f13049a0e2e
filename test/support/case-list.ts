import { afterAll, expect, it } from "vitest";

/** A fact to check, or why it is left out. */
export type Check = (() => void | Promise<void>) | string;

/** One test for each case that is checked; all that are left out are printed in one place, each with its reason. */
export function checkCases(what: string, cases: readonly (readonly [name: string, check: Check])[]): void {
  it.each(cases.filter((each): each is [string, () => void | Promise<void>] => typeof each[1] === "function"))(
    "%s",
    (_, assertFact) => assertFact(),
  );

  it("every case is checked, or left out for a reason", () => {
    expect(cases.filter(([, check]) => check === "" || check === UNKNOWN)).toEqual([]);
  });

  afterAll(() => {
    const leftOut = cases.filter(([, check]) => typeof check === "string");
    const lines = leftOut.map(([name, why]) => `  ${String(why)}: ${name}`).toSorted();
    console.log([`Left out of the ${what} cases: ${leftOut.length} of ${cases.length}`, ...lines].join("\n"));
  });
}

/** A kind of case that nobody has looked at. */
export const UNKNOWN = "unknown kind";
