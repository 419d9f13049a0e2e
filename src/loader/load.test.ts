import { fork } from "node:child_process";
import { once } from "node:events";
import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test, vi } from "vitest";
import { findWorkflow, loadFile, loadProject } from "./load.ts";
import type { LoadError } from "./load-error.ts";
import type { LoadedFile } from "./loaded-file.ts";
import { pipeline, tempProject, writeIn } from "./temp-project.test-data.ts";

async function load(text: string, packages: readonly string[] = []): Promise<LoadedFile> {
  return loadFile("pipelines/a.ts", tempProject({ "pipelines/a.ts": text }, packages));
}

async function onlyError(text: string): Promise<LoadError> {
  const { errors, workflows } = await load(text);
  expect(workflows).toEqual([]);
  expect(errors).toHaveLength(1);
  return errors[0]!;
}

test("a file gives a version of each workflow it exports, once", async () => {
  const { workflows, errors } = await load(
    `${pipeline("a")}export { a as again }; import { dag as d } from "tutti"; const a = d("b", { description: "B" }, () => { extract(); }); export const c = a;`,
  );
  expect(errors).toEqual([]);
  expect(workflows.map(({ name }) => name).sort()).toEqual(["a", "b"]);
  expect(workflows[0]).toMatchObject({
    file: "pipelines/a.ts",
    manifestHash: expect.stringMatching(/^[0-9a-f]{32}$/),
    version: {
      hash: expect.stringMatching(/^[0-9a-f]{32}$/),
      bundle: { hash: expect.stringMatching(/^[0-9a-f]{32}$/) },
      outside: { tutti: expect.any(String) },
    },
  });
});

test("an unchanged file has the same version, evaluated again or not, here or elsewhere", async () => {
  const hashOf = async (options: ReturnType<typeof tempProject>) =>
    (await loadFile("pipelines/a.ts", options)).workflows[0]!.version.hash;
  const [here, there] = [
    tempProject({ "pipelines/a.ts": pipeline("a") }),
    tempProject({ "pipelines/a.ts": pipeline("a") }),
  ];
  const first = await hashOf(here);
  expect(await hashOf(here)).toBe(first);
  expect(await hashOf(there)).toBe(first);
  writeIn(here.root, "pipelines/a.ts", pipeline("a", "extract().as('b');"));
  expect(await hashOf(here)).not.toBe(first);
});

test("a file that throws tells the line, in the file it stands in", async () => {
  const options = tempProject({
    "pipelines/a.ts": `import { check } from "../lib/check.ts";\ncheck(1);\n`,
    "lib/check.ts": `export function check(n: number): void {\n  if (n > 0) throw new RangeError("too many");\n}\n`,
  });
  const { errors } = await loadFile("pipelines/a.ts", options);
  expect(errors).toMatchObject([{ code: "FILE_THREW", file: "lib/check.ts", line: 2 }]);
  expect(errors[0]!.message).toContain("RangeError: too many");
});

test("a file that throws what is no error says what", async () => {
  expect((await onlyError(`throw "stop";`)).message).toContain(`a string ("stop")`);
});

test("an endless loop is stopped, and its line told", async () => {
  const options = {
    ...tempProject({ "pipelines/a.ts": `let i = 0;\nfunction spin(): void {\n  for (;;) i++;\n}\nspin();\n` }),
    loadTimeoutMs: 1000,
  };
  const { errors } = await loadFile("pipelines/a.ts", options);
  expect(errors).toMatchObject([{ code: "FILE_NEVER_RETURNED", file: "pipelines/a.ts", line: 3 }]);
  expect(errors[0]!.message).toContain("still running after 1 s");
});

test("an endless loop in a body is stopped too", async () => {
  const options = { ...tempProject({ "pipelines/a.ts": pipeline("a", "for (;;);") }), loadTimeoutMs: 1000 };
  expect((await loadFile("pipelines/a.ts", options)).errors).toMatchObject([{ code: "FILE_NEVER_RETURNED", line: 4 }]);
});

test("an await that never settles is stopped, and its line told", async () => {
  const options = {
    ...tempProject({ "pipelines/a.ts": `export const a = 1;\nawait new Promise(() => {});\n` }),
    loadTimeoutMs: 1000,
  };
  const { errors } = await loadFile("pipelines/a.ts", options);
  expect(errors).toMatchObject([{ code: "FILE_NEVER_RETURNED", file: "pipelines/a.ts", line: 2 }]);
  expect(errors[0]!.message).toContain("still waiting at its top level");
});

test("process.exit at load is told with its line and the last output", async () => {
  const error = await onlyError(`console.log("bye");\nprocess.exit(3);\n`);
  expect(error).toMatchObject({ code: "FILE_EXITED", file: "pipelines/a.ts", line: 2 });
  expect(error.message).toMatch(/exit code 3.*bye/s);
});

test("a crash at load is told with its signal", async () => {
  const error = await onlyError(`process.abort();`);
  expect(error.code).toBe("FILE_EXITED");
  expect(error.message).toContain("SIGABRT");
});

test("a rejection that nobody handles is a file that threw", async () => {
  const { errors } = await load(`${pipeline("a")}void Promise.reject(new Error("adrift"));\n`);
  expect(errors).toMatchObject([{ code: "FILE_THREW", line: 6 }]);
});

test.each([
  ["a number (3)", `export default 3;`],
  ["an object with name", `export default { name: "a" };`],
  [`the task "extract"`, `import { task } from "tutti";\nexport default task("extract", () => 1);`],
  ["a promise", `import { dag } from "tutti"; export default (async () => dag("a", {}, () => {}))();`],
])("a default export that is %s is no workflow", async (what, text) => {
  const error = await onlyError(text);
  expect(error.code).toBe("NO_WORKFLOW");
  expect(error.message).toContain(what);
  expect(error.line).not.toBeNull();
});

test("a file that exports nothing has no workflow", async () => {
  expect(await onlyError(`console.log(1);`)).toMatchObject({ code: "NO_WORKFLOW" });
});

test("two workflows with one name in a file are told, and hide no other", async () => {
  const more = `export const b = dag("b", {}, () => { extract(); }); export const again = dag("a", {}, () => { extract(); });`;
  const { workflows, errors } = await load(pipeline("a") + more);
  expect(workflows.map(({ name }) => name)).toEqual(["b"]);
  expect(errors).toMatchObject([{ code: "DUPLICATE_WORKFLOW", workflow: "a", line: 3 }]);
});

test("a workflow that is wrong has its own code and line, and hides no other", async () => {
  const more = `export const b = dag("b", {}, () => { extract(); }); `;
  const cycle = await load(pipeline("a", "const x = extract(); const y = extract(); chain(x, y, x);") + more);
  expect(cycle.errors).toMatchObject([{ code: "CYCLE", workflow: "a", file: "pipelines/a.ts", line: 3 }]);
  expect(cycle.workflows.map(({ name }) => name)).toEqual(["b"]);
  const option = await load(
    `import { dag, task } from "tutti";\nconst a = task("a", {\n  retires: 3,\n} as never, () => 1);\nexport default dag("a", {}, () => {\n  a();\n});\n`,
  );
  expect(option.errors).toMatchObject([{ code: "UNKNOWN_OPTION", file: "pipelines/a.ts", line: expect.any(Number) }]);
  const body = await load(`import { dag, task } from "tutti";\nexport default dag("a", {}, async () => {});`);
  expect(body.errors).toMatchObject([{ code: "ASYNC_BODY", file: "pipelines/a.ts", line: 2 }]);
});

test("a name that tutti does not export is told where it stands", async () => {
  expect(
    await onlyError(
      `import { dag } from "tutti";\nimport { tusk } from "tutti";\nexport default dag("a", {}, () => { tusk("a"); });`,
    ),
  ).toMatchObject({ code: "FILE_SYNTAX_ERROR", line: 2 });
});

test("a file may import a native package, an alias and JSON", async () => {
  const options = tempProject(
    {
      "tsconfig.json": `{ "compilerOptions": { "paths": { "@lib/*": ["./lib/*"] } } }`,
      "lib/name.ts": `export const name = "aliased";`,
      "pipelines/stores.json": `["x"]`,
      "pipelines/a.ts": `import { DuckDBInstance } from "@duckdb/node-api";\nimport { name } from "@lib/name";\nimport stores from "./stores.json";\nimport { dag, task } from "tutti";\nconst a = task("a", () => 1);\nexport default dag(name, { description: typeof DuckDBInstance, tags: stores }, () => { a(); });`,
    },
    ["@duckdb/node-api"],
  );
  const { workflows, errors } = await loadFile("pipelines/a.ts", options);
  expect(errors).toEqual([]);
  expect(workflows[0]!.version).toMatchObject({
    manifest: { name: "aliased", description: "function", tags: ["x"] },
    outside: { "@duckdb/node-api": expect.any(String) },
  });
});

test("connections that a file declares stay with its workflows", async () => {
  const options = tempProject({
    "pipelines/a.ts": `import { sql } from "tutti/sql";\nexport const orders = sql("orders");\n${pipeline("a")}`,
    "pipelines/b.ts": pipeline("b"),
  });
  const { workflows, errors } = await loadProject(options);
  expect(errors).toEqual([]);
  expect([...workflows.values()].map(({ version }) => version.manifest.connections)).toEqual([["orders"], []]);
});

test("what a file writes does not disturb the others, nor does what it leaves behind", async () => {
  const { workflows, errors } = await loadProject(
    tempProject({
      "pipelines/a.ts": `process.stdout.write('{"kind":"ready"}\\n'); (globalThis as any).left = 1; setInterval(() => {}, 5); process.env["LEFT"] = "1";\n${pipeline("a")}`,
      "pipelines/b.ts": pipeline(
        "b",
        `if ("left" in globalThis || process.env["LEFT"]) throw new Error("leaked"); extract();`,
      ),
      "pipelines/c.ts": pipeline(
        "c",
        `if ("left" in globalThis || process.env["LEFT"]) throw new Error("leaked"); extract();`,
      ),
    }),
  );
  expect(errors).toEqual([]);
  expect([...workflows.keys()]).toEqual(["a", "b", "c"]);
});

test("a project loads what is good, tells what is bad, and passes over what is no pipeline", async () => {
  const project = await loadProject(
    tempProject({
      "pipelines/good.ts": `import { two } from "./shared.ts";\n${pipeline("good")}void two;`,
      "pipelines/deep/other.mjs": pipeline("other"),
      "pipelines/shared.ts": "export const two = 2;",
      "pipelines/lonely.ts": "export const three = 3;",
      "pipelines/broken.ts": "export default ;",
      "pipelines/exits.ts": "process.exit(1);",
      "pipelines/one.ts": pipeline("same"),
      "pipelines/two.ts": pipeline("same"),
      "pipelines/good.test.ts": "throw 1",
      "pipelines/types.d.ts": "export type A = 1",
      "pipelines/.hidden.ts": "throw 1",
      "pipelines/_draft.ts": "throw 1",
      "pipelines/node_modules/x/index.ts": "throw 1",
      "pipelines/notes.md": "x",
    }),
  );
  expect([...project.workflows.keys()].sort()).toEqual(["good", "other"]);
  expect(project.errors.map(({ code }) => code).sort()).toEqual([
    "DUPLICATE_WORKFLOW",
    "FILE_EXITED",
    "FILE_SYNTAX_ERROR",
  ]);
  expect(project.notes).toEqual([expect.stringContaining(`"pipelines/lonely.ts" exports no workflow`)]);
  expect(findWorkflow("good", project).name).toBe("good");
  expect(() => findWorkflow("same", project)).toThrow(
    `Two workflows are named "same": in "pipelines/one.ts" and "pipelines/two.ts"`,
  );
  expect(() => findWorkflow("god", project)).toThrow(`Did you mean "good"?`);
  expect(() => findWorkflow("god", project)).toThrow(`pipelines/broken.ts`);
});

test("a project without pipelines says so", async () => {
  const project = await loadProject(tempProject({}));
  expect(project.notes).toEqual([`There is no folder "pipelines".`]);
  expect(() => findWorkflow("a", project)).toThrow(expect.objectContaining({ code: "WORKFLOW_NOT_FOUND" }));
});

test("a file that does not exist names the one that was meant", async () => {
  const { errors } = await loadFile("pipelines/b.ts", tempProject({ "pipelines/bb.ts": pipeline("a") }));
  expect(errors).toMatchObject([{ code: "FILE_NOT_FOUND", message: expect.stringContaining(`"bb.ts"`) }]);
});

test("an evaluation is used again only while what the file read is the same", async () => {
  const text = `import { readFileSync } from "node:fs"; import { dag, task } from "tutti"; const a = task("a", () => readFileSync("x")); export default dag("a", { description: process.env["STAGE"] ?? "none" }, () => { a(); });`;
  const options = tempProject({ "pipelines/a.ts": text });
  const stage = async (env: NodeJS.ProcessEnv) =>
    (await loadFile("pipelines/a.ts", { ...options, env: { PATH: process.env["PATH"], ...env } })).workflows[0]!.version
      .manifest.description;
  expect(await stage({})).toBe("none");
  expect(readdirSync(`${options.stateDir}/cache`)).toHaveLength(1);
  expect(await stage({ STAGE: "prod" })).toBe("prod");
  expect(await stage({ STAGE: "prod", OTHER: "1" })).toBe("prod");
  expect(await stage({})).toBe("none");
});

test("a file that reads files is evaluated each time", async () => {
  const text = `import { readFileSync } from "node:fs"; import { dag, task } from "tutti"; const a = task("a", () => 1); export default dag(readFileSync(new URL("./name.txt", import.meta.url), "utf8"), {}, () => { a(); });`;
  const options = tempProject({ "pipelines/a.ts": text, "pipelines/name.txt": "one" });
  expect((await loadFile("pipelines/a.ts", options)).workflows[0]!.name).toBe("one");
  writeIn(options.root, "pipelines/name.txt", "two");
  expect((await loadFile("pipelines/a.ts", options)).workflows[0]!.name).toBe("two");
});

test("files that are evaluated see no connections and secrets", async () => {
  vi.stubEnv("TUTTI_CONNECTION_ORDERS", "duckdb:x");
  const { workflows } = await load(
    `import { dag, task } from "tutti"; const a = task("a", () => 1); export default dag("a", { description: process.env["TUTTI_CONNECTION_ORDERS"] ?? "none" }, () => { a(); });`,
  );
  expect(workflows[0]!.version.manifest.description).toBe("none");
  vi.unstubAllEnvs();
});

test("an evaluation in an endless loop ends with its parent", async () => {
  const options = {
    ...tempProject({
      "pipelines/a.ts": `import { writeFileSync } from "node:fs"; writeFileSync("pid", String(process.pid)); for (;;);`,
    }),
    loadTimeoutMs: 60_000,
  };
  const parent = fork(fileURLToPath(new URL("./load-parent.test-data.ts", import.meta.url)), [JSON.stringify(options)]);
  const pid = await vi.waitUntil(() => readPid(options.root), { timeout: 15_000, interval: 50 });
  parent.kill("SIGKILL");
  await once(parent, "exit");
  await vi.waitUntil(() => !isAlive(pid), { timeout: 10_000, interval: 50 });
});

function readPid(root: string): number | null {
  return readdirSync(root).includes("pid") ? Number(readFileSync(`${root}/pid`, "utf8")) || null : null;
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
