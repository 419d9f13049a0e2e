import { globSync, readFileSync } from "node:fs";
import { dirname, join, normalize } from "node:path";
import { expect, test } from "vitest";
import { readSource } from "./source-file.ts";

const UI = join(import.meta.dirname, "..", "..", "ui", "src");

/** What of `src/` the pages may bundle. */
const USED = ["client", "core"];
/** What works things out, and neither asks the server nor draws. */
const PURE = [
  "waterfall",
  "graph",
  "grid",
  "calendar",
  "choice",
  "home",
  "compare",
  "form",
  "log",
  "words",
  "assets",
  "approvals",
  "why",
];
/** The parts of those that hold a connection or a worker. */
const EXCEPT = ["log/log-feed.ts", "graph/use-layout.ts", "graph/layout-worker.ts"];

const files = globSync("**/*.{ts,tsx}", { cwd: UI }).filter((file) => !file.includes(".test."));
const arrowsOf = (file: string) =>
  readSource(file, readFileSync(join(UI, file), "utf8")).imports.filter(({ specifier }) => specifier.startsWith("."));

test("the pages bundle nothing of the package but its client and its core", () => {
  expect(files.length).toBeGreaterThan(100);
  const wrong = files.flatMap((file) =>
    arrowsOf(file).flatMap(({ specifier, typeOnly }) => {
      const [, layer] =
        /^\.\.\/\.\.\/src\/([^/]+)/.exec(
          normalize(join("ui/src", dirname(file), specifier)).replace(/^src\//, "../../src/"),
        ) ?? [];
      return layer === undefined || typeOnly || USED.includes(layer) ? [] : [`${file} -> ${specifier}`];
    }),
  );
  expect(wrong).toEqual([]);
});

test("what works things out from facts neither asks nor draws", () => {
  const wrong = files
    .filter((file) => PURE.includes(file.split("/")[0]!) && !EXCEPT.includes(file))
    .flatMap((file) =>
      arrowsOf(file)
        .filter(({ specifier, typeOnly }) => !typeOnly && /(^|\/)(api|pages|routes|components)\//.test(specifier))
        .map(({ specifier }) => `${file} -> ${specifier}`),
    );
  expect(wrong).toEqual([]);
});
