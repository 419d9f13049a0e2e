import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, expect, test } from "vitest";
import { whyUnfit } from "./version-fit.ts";

const folders: string[] = [];
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
});

/** A project that asks for a range of `sharp` and has a version of it. */
function project(range: string | null, installed: string | null): string {
  const folder = mkdtempSync(join(tmpdir(), "tutti-fit-"));
  folders.push(folder);
  writeFileSync(join(folder, "package.json"), JSON.stringify({ dependencies: range === null ? {} : { sharp: range } }));
  if (installed === null) return folder;
  mkdirSync(join(folder, "node_modules/sharp"), { recursive: true });
  const sharp = { name: "sharp", version: installed };
  writeFileSync(join(folder, "node_modules/sharp/package.json"), JSON.stringify(sharp));
  return folder;
}

const madeWith = (sharp: string) => ({ outside: { sharp, tutti: "1.2.0" } });
const fit = (projectDir: string, exact: readonly string[] = []) =>
  whyUnfit(madeWith("0.33.4"), { projectDir, exact, release: "1.9.0" });

test("a version runs where tutti has the same major and every package outside is in the project's range", () => {
  expect(fit(project("^0.33.0", "0.33.4"))).toBeNull();
  expect(fit(project("^0.33.0", "0.33.9"))).toBeNull();
  expect(fit(project("*", "1.0.0-r.2"))).toBeNull();
  expect(whyUnfit({ outside: {} }, { projectDir: project(null, null) })).toBeNull();
});

test("without a range, a package may move within its major version", () => {
  expect(fit(project(null, "0.33.9"))).toBeNull();
  expect(fit(project("file:../sharp", "0.33.9"))).toBeNull();
  expect(fit(project("npm:@fork/sharp@^0.33.1", "0.33.9"))).toBeNull();
  expect(fit(project(null, "0.34.0"))).toContain('"sharp" is 0.34.0 here, and not "^0.33.4"');
});

test("what does not fit is said with the package, what is here and what was asked for", () => {
  expect(fit(project("^0.33.0", null))).toBe('Package "sharp" is not installed here; the code was made with 0.33.4.');
  expect(fit(project("^0.33.0", "0.32.1"))).toBe(
    'Package "sharp" is 0.32.1 here, and not "^0.33.0", as package.json says.',
  );
  expect(fit(project("^0.32.0", "0.32.1"))).toBe(
    'The code was made with 0.33.4 of package "sharp", and package.json here asks for "^0.32.0".',
  );
  expect(fit(project("^0.33.0", "0.33.9"), ["sharp"])).toContain('"exact" asks for 0.33.4');
  expect(whyUnfit(madeWith("0.33.4"), { projectDir: project("*", "0.33.4"), release: "2.0.0" })).toBe(
    "It was made with tutti 1.2.0, and this is 2.0.0: another major version.",
  );
});
