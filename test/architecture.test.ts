import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { offences } from "./architecture/layers.ts";
import { readSource } from "./architecture/source-file.ts";

const SRC = join(import.meta.dirname, "..", "src");

/** Tests beside their file, their fixtures, and what is copied to users may import whatever they show. */
const sources = globSync("**/*.ts", { cwd: SRC }).filter(
  (file) => !/\.test(-[a-z]+)?\.ts$|(^|\/)(templates|fixtures)\//.test(file),
);

test("every import points one way: core <- store <- engine <- cli, core <- authoring <- runtime, loader, connectors", () => {
  expect(sources.length).toBeGreaterThan(10);
  expect(sources.flatMap((file) => offences(file, readSource(file, readFileSync(join(SRC, file), "utf8"))))).toEqual(
    [],
  );
});

describe("the walk sees", () => {
  const seen = (file: string, text: string) => offences(file, readSource(file, text));

  test.each([
    ["an import", `import { open } from "../store/store.ts"; open();`],
    ["an import of types", `import type { Store } from "../store/store.ts";`],
    ["an import for its effects", `import "../store/store.ts";`],
    ["a re-export", `export { open } from "../store/store.ts";`],
    ["a re-export of everything", `export * from "../store/store.ts";`],
    ["a dynamic import", `const store = await import("../store/store.ts");`],
    ["an import inside a type", `let store: import("../store/store.ts").Store;`],
  ])("%s against the direction", (_, text) => {
    expect(seen("core/decide.ts", text)).toEqual(["core/decide.ts -> store/store.ts"]);
  });

  test("a value where only types are allowed", () => {
    const path = "../runtime/protocol.ts";
    expect(
      seen("engine/a.ts", `import type { ToChild } from "${path}"; import { type FromChild } from "${path}";`),
    ).toEqual([]);
    expect(seen("engine/a.ts", `import { ping } from "${path}"; ping();`)).toEqual([
      "engine/a.ts -> runtime/protocol.ts",
    ]);
    expect(seen("engine/a.ts", `import type { Hook } from "../runtime/resolve-hook.ts";`)).toHaveLength(1);
  });

  test.each([
    `import { readFileSync } from "node:fs"; readFileSync("a");`,
    `const now = Date.now();`,
    `const now = new Date();`,
    `const now = Date();`,
    `const now = Temporal.Now.instant();`,
    `const now = performance.now();`,
    `const key = Math.random();`,
    `const key = crypto.randomUUID();`,
    `const home = process.env["HOME"];`,
    `setTimeout(() => {}, 1);`,
  ])("that core/ may not: %s", (text) => {
    expect(seen("core/decide.ts", text)).toHaveLength(1);
  });

  test("that core/ may hold dates and mention names", () => {
    expect(
      seen(
        "core/a.ts",
        `// Date.now() is not for core\nconst d = new Date(0); const o = { process: 1 }; use(o.process);`,
      ),
    ).toEqual([]);
  });

  test("SQL and node:sqlite outside the store, but not sentences", () => {
    expect(seen("engine/a.ts", "const rows = db.all`select id from run where id = ${id}`;")).toHaveLength(1);
    expect(seen("engine/a.ts", `import { DatabaseSync } from "node:sqlite"; new DatabaseSync("a");`)).toHaveLength(1);
    expect(
      seen("store/sqlite/a.ts", `import { DatabaseSync } from "node:sqlite"; new DatabaseSync("select 1 from a");`),
    ).toEqual([]);
    expect(seen("cli/a.ts", `fail("Select a workflow from the list"); fail("update the configuration");`)).toEqual([]);
  });
});
