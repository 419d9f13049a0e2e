import { spawnSync } from "node:child_process";
import { existsSync, globSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";
import { missingPlatforms, readLock } from "../../scripts/platform-packages.ts";

const ROOT = join(import.meta.dirname, "..", "..");
const FOLDER = join(ROOT, ".tmp", `anywhere-${process.pid}`);
const { exports: doors } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8")) as {
  exports: Record<string, string | { types: string; default: string }>;
};

beforeAll(() => mkdirSync(FOLDER, { recursive: true }));
afterAll(() => rmSync(FOLDER, { recursive: true, force: true }));

/** Runs this text as a TypeScript file somewhere in the clone, with Node alone. */
function runAnywhere(text: string): string {
  const file = join(FOLDER, "file.ts");
  writeFileSync(file, text);
  const { stdout, stderr, status } = spawnSync(process.execPath, [file], { encoding: "utf8", cwd: FOLDER });
  expect(stderr.replace(/^.*(ExperimentalWarning|--trace-warnings).*$/gm, "").trim()).toBe("");
  expect(status).toBe(0);
  return stdout.trim();
}

test(`any file in the clone may import "tutti"`, () => {
  const text = `import { dag, task } from "tutti"; console.log(typeof dag, typeof task, import.meta.resolve("tutti"));`;
  expect(runAnywhere(text)).toBe(`function function ${pathToFileURL(join(ROOT, "dist", "index.js")).href}`);
});

const subpaths = Object.entries(doors).flatMap(([door, to]) => (typeof to === "string" ? [] : [{ door, to }]));

test.each(subpaths)("the door $door opens and has its types", ({ door, to }) => {
  expect(existsSync(join(ROOT, to.types))).toBe(true);
  const specifier = door.replace(/^\./, "tutti");
  expect(Number(runAnywhere(`console.log(Object.keys(await import("${specifier}")).length);`))).toBeGreaterThan(0);
});

test("every module that the sources start by its name stands in dist/", () => {
  const src = join(ROOT, "src");
  const started = globSync("**/*.ts", { cwd: src }).flatMap((file) =>
    [...readFileSync(join(src, file), "utf8").matchAll(/moduleAt\("([^"]+)"\)/g)].map(([, name]) => name!),
  );
  expect(started.length).toBeGreaterThan(4);
  for (const name of started) expect(existsSync(join(ROOT, "dist", `${name}.js`)), name).toBe(true);
});

test("every declaration that a door comes to stands in dist/", () => {
  const dist = join(ROOT, "dist");
  for (const file of globSync("**/*.d.ts", { cwd: dist })) {
    const text = readFileSync(join(dist, file), "utf8").replace(/^\s*(\*|\/\/).*$/gm, "");
    for (const [, path] of text.matchAll(/(?:from|import)\s*\(?\s*["'](\.[^"']+)["']/g))
      expect(existsSync(join(dist, file, "..", path!.replace(/\.[jt]s$/, ".d.ts"))), `${file}: ${path}`).toBe(true);
  }
});

test("the lock names every platform's packages, as npm ci demands (else run: npm run lock)", () => {
  const lock = readLock(readFileSync(join(ROOT, "package-lock.json"), "utf8"));
  expect(missingPlatforms(lock).map(({ path }) => path)).toEqual([]);
});
