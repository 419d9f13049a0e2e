import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { MISTAKES } from "./mistakes.ts";

const ROOT = join(import.meta.dirname, "..", "..");

// To play them all takes hours; that each can be made is seen at once.
test("every mistake that is made on purpose still fits the code, at one place", () => {
  const misfits = Object.values(MISTAKES)
    .flat()
    .filter(({ file, from }) => readFileSync(join(ROOT, file), "utf8").split(from).length !== 2);
  expect(misfits.map(({ what, file }) => `${file}: ${what}`)).toEqual([]);
});
