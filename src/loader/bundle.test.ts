import { expect, test } from "vitest";
import { bundleFile, type BundledFile } from "./bundle.ts";
import type { LoadError } from "./load-error.ts";
import { pipeline, tempProject } from "./temp-project.test-data.ts";

async function bundled(root: string, path: string, external: string[] = []): Promise<BundledFile> {
  const result = await bundleFile(path, { projectDir: root, external });
  if (!result.ok) throw result.errors[0];
  return result.bundle;
}

async function refused(files: Record<string, string>): Promise<LoadError> {
  const result = await bundleFile("pipelines/a.ts", { projectDir: tempProject(files).root });
  if (result.ok) throw new Error("it was bundled");
  return result.errors[0]!;
}

const RICH = {
  "tsconfig.json": `{ "compilerOptions": { "paths": { "@lib/*": ["./lib/*"] } } }`,
  "lib/rate.ts": `export const rate = 0.2; export const here = import.meta.url;`,
  "pipelines/stores.json": `["berlin", "paris"]`,
  "pipelines/query.sql": "select 1",
  "pipelines/a.ts": `import { dag, task } from "tutti";
import { rate, here } from "@lib/rate";
import stores from "./stores.json";
import query from "./query.sql";
const a = task("a", () => [rate, here, stores, query, import.meta.dirname]);
export default dag("a", {}, () => { a(); });
`,
};

test("the same project in another folder gives the same code, map and hash", async () => {
  const [one, two] = [tempProject(RICH).root, tempProject(RICH).root];
  const first = await bundled(one, "pipelines/a.ts");
  expect(await bundled(two, "pipelines/a.ts")).toEqual(first);
  expect(await bundled(one, "pipelines/a.ts")).toEqual(first);
  expect(first.code + first.map).not.toContain(one);
  expect(first.inputs).toEqual(["lib/rate.ts", "pipelines/a.ts", "pipelines/query.sql", "pipelines/stores.json"]);
});

test("another code is another hash", async () => {
  const { root } = tempProject({ "pipelines/a.ts": pipeline("a"), "pipelines/b.ts": pipeline("b") });
  expect((await bundled(root, "pipelines/a.ts")).hash).not.toBe((await bundled(root, "pipelines/b.ts")).hash);
});

test("tutti stays outside and is recorded", async () => {
  const bundle = await bundled(tempProject({ "pipelines/a.ts": pipeline("a") }).root, "pipelines/a.ts");
  expect(bundle.code).toContain(`from "tutti"`);
  expect(bundle.outside).toEqual({ tutti: expect.stringMatching(/^\d+\.\d+\.\d+/) });
});

test("a package with native code stays outside, with its version; another is bundled in", async () => {
  const text = `import { DuckDBInstance } from "@duckdb/node-api"; import pc from "picocolors"; export default [DuckDBInstance, pc];`;
  const { root } = tempProject({ "pipelines/a.ts": text }, ["@duckdb/node-api", "picocolors"]);
  const bundle = await bundled(root, "pipelines/a.ts");
  expect(Object.keys(bundle.outside)).toEqual(["@duckdb/node-api", "tutti"]);
  expect(bundle.code).toContain(`from "@duckdb/node-api"`);
  expect(bundle.code).not.toContain(`from "picocolors"`);
});

test("what the configuration lists stays outside, a scope too", async () => {
  const files = {
    "node_modules/@ours/rules/package.json": `{ "name": "@ours/rules", "version": "1.2.3", "main": "i.js" }`,
    "node_modules/@ours/rules/i.js": "module.exports = 1",
    "pipelines/a.ts": `import rules from "@ours/rules"; export default rules;`,
  };
  expect((await bundled(tempProject(files).root, "pipelines/a.ts", ["@ours/*"])).outside).toMatchObject({
    "@ours/rules": "1.2.3",
  });
  expect((await bundled(tempProject(files).root, "pipelines/a.ts", ["@ours/rules"])).outside).toMatchObject({
    "@ours/rules": "1.2.3",
  });
  expect((await bundled(tempProject(files).root, "pipelines/a.ts", ["@ours/rule"])).outside).not.toHaveProperty(
    "@ours/rules",
  );
});

test("a syntax error tells file, line, column and the line", async () => {
  const error = await refused({
    "pipelines/a.ts": `import "./b.ts";`,
    "pipelines/b.ts": `const ok = 1;\nconst a = ;\n`,
  });
  expect(error).toMatchObject({ code: "FILE_SYNTAX_ERROR", file: "pipelines/b.ts", line: 2, column: 11 });
  expect(error.where).toBe("pipelines/b.ts:2:11");
  expect(error.excerpt).toBe("  2 | const a = ;\n    |           ^");
});

test("a missing package tells who imports it and what to install", async () => {
  const error = await refused({ "pipelines/a.ts": `\nimport { parse } from "@fast/csv/sync";\nexport default parse;` });
  expect(error).toMatchObject({ code: "MODULE_NOT_FOUND", file: "pipelines/a.ts", line: 2 });
  expect(error.message).toContain("npm install @fast/csv");
  expect(error.message).not.toContain("npm install @fast/csv/sync");
});

test("a missing file tells the one that was probably meant", async () => {
  const error = await refused({
    "pipelines/a.ts": `import { x } from "../lib/rats.ts"; export default x;`,
    "lib/rates.ts": "export const x = 1",
  });
  expect(error).toMatchObject({ code: "MODULE_NOT_FOUND", line: 1 });
  expect(error.message).toContain(`Did you mean "../lib/rates.ts"?`);
});

test("a part of tutti that does not exist tells those that do", async () => {
  const error = await refused({ "pipelines/a.ts": `import { sql } from "tutti/sqll"; export default sql;` });
  expect(error).toMatchObject({ code: "MODULE_NOT_FOUND", line: 1 });
  expect(error.message).toContain(`"tutti/sqll"`);
});

test("a file that no bundle can hold is refused with the remedy", async () => {
  const error = await refused({
    "pipelines/a.ts": `import rows from "./rows.parquet"; export default rows;`,
    "pipelines/rows.parquet": "PAR1",
  });
  expect(error).toMatchObject({ code: "FILE_NOT_IMPORTABLE", file: "pipelines/a.ts", line: 1 });
});

test("the text of packages is not in the map, the user's is", async () => {
  const { root } = tempProject({ "pipelines/a.ts": `import pc from "picocolors"; export default pc;` }, ["picocolors"]);
  const map = JSON.parse((await bundled(root, "pipelines/a.ts")).map) as {
    sources: string[];
    sourcesContent: (string | null)[];
  };
  expect(map.sourcesContent[map.sources.indexOf("pipelines/a.ts")]).toContain("picocolors");
  expect(
    map.sources.filter((source, at) => source.includes("node_modules") && map.sourcesContent[at] !== null),
  ).toEqual([]);
});
