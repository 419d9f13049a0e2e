import { existsSync, readdirSync, readFileSync, renameSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { expect, test } from "vitest";
import { bundleFile, type BundledFile } from "./bundle.ts";
import { materialize, materializeVersion } from "./materialize.ts";
import { tempProject } from "./temp-project.test-data.ts";
import { loadFile } from "./load.ts";
import { pipeline } from "./temp-project.test-data.ts";

async function bundled(root: string): Promise<BundledFile> {
  const result = await bundleFile("pipelines/a.ts", { projectDir: root });
  if (!result.ok) throw result.errors[0];
  return result.bundle;
}

const load = async (file: string) =>
  ((await import(/* @vite-ignore */ pathToFileURL(file).href)) as { default: unknown }).default;

test("a bundle is written once, whole, under its hash", async () => {
  const { root, stateDir } = tempProject({ "pipelines/a.ts": "export default 7;" });
  const bundle = await bundled(root);
  const files = await Promise.all(Array.from({ length: 5 }, () => materialize(bundle, stateDir)));
  expect(new Set(files)).toEqual(new Set([join(stateDir, "versions", `${bundle.hash}.mjs`)]));
  expect(readdirSync(join(stateDir, "versions")).sort()).toEqual([`${bundle.hash}.mjs`, `${bundle.hash}.mjs.map`]);
  expect(await load(files[0]!)).toBe(7);
});

test("import.meta and __dirname mean the user's file, also after the project was moved", async () => {
  const text = `import { there } from "../lib/there.ts";
import { createRequire } from "node:module";
const require = createRequire(import.meta.url);
export default { url: import.meta.url, dirname: import.meta.dirname, filename: __filename, beside: import.meta.resolve("./x.csv"), there, json: require("../package.json").name };`;
  const { root, stateDir } = tempProject({
    "pipelines/a.ts": text,
    "lib/there.ts": `export const there: string = __dirname;`,
  });
  const file = await materialize(await bundled(root), stateDir);
  const expected = (at: string) => ({
    url: pathToFileURL(join(at, "pipelines/a.ts")).href,
    dirname: join(at, "pipelines"),
    filename: join(at, "pipelines/a.ts"),
    beside: pathToFileURL(join(at, "pipelines/x.csv")).href,
    there: join(at, "lib"),
    json: "project",
  });
  expect(await load(file)).toEqual(expected(root));
  renameSync(root, `${root}-moved`);
  try {
    expect(await load(file.replace(root, `${root}-moved`))).toEqual(expected(`${root}-moved`));
  } finally {
    renameSync(`${root}-moved`, root);
  }
});

test("a CommonJS package that asks for Node's modules works in the bundle", async () => {
  const { root, stateDir } = tempProject({
    "node_modules/old/package.json": `{ "name": "old", "version": "1.0.0" }`,
    "node_modules/old/index.js": `const path = require("path"); module.exports = path.basename(__dirname);`,
    "pipelines/a.ts": `import old from "old"; export default old;`,
  });
  expect(await load(await materialize(await bundled(root), stateDir))).toBe("old");
});

test("a dynamic import is part of the bundle", async () => {
  const { root, stateDir } = tempProject({
    "pipelines/a.ts": `export default (await import("./b.ts")).b;`,
    "pipelines/b.ts": "export const b = 5;",
  });
  expect(await load(await materialize(await bundled(root), stateDir))).toBe(5);
});

test("the map points from the written file to the project, one line further down", async () => {
  const { root, stateDir } = tempProject({ "pipelines/a.ts": "export default 7;" });
  const file = await materialize(await bundled(root), stateDir);
  const map = JSON.parse(readFileSync(`${file}.map`, "utf8")) as {
    sourceRoot: string;
    mappings: string;
    sources: string[];
  };
  expect(map).toMatchObject({
    sourceRoot: "../../",
    sources: ["pipelines/a.ts"],
    mappings: expect.stringMatching(/^;/),
  });
});

test("with a version, its graph lies beside the code", async () => {
  const options = tempProject({ "pipelines/a.ts": pipeline("a") });
  const [workflow] = (await loadFile("pipelines/a.ts", options)).workflows;
  const file = await materializeVersion(workflow!.version, options.stateDir);
  expect(existsSync(`${file}.${workflow!.manifestHash}.json`)).toBe(true);
});
