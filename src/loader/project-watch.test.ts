import { renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import type { LoadedProject } from "./loaded-project.ts";
import { ProjectWatch } from "./project-watch.ts";
import { pipeline, tempProject, writeIn } from "./temp-project.test-data.ts";

function watching(files: Readonly<Record<string, string>>, configFile: string | null = null) {
  const options = tempProject(files);
  const told: string[] = [];
  const watch = new ProjectWatch({
    ...options,
    configFile: configFile && join(options.root, configFile),
    onConfigChange: () => told.push("config"),
  });
  onTestFinished(() => watch.close());
  return { root: options.root, watch, told, next: async () => (await watch.next())! };
}

const versions = ({ workflows }: LoadedProject) =>
  Object.fromEntries([...workflows].map(([name, { version }]) => [name, version.hash]));

test("a saved file is loaded again, and no other", async () => {
  const { root, next } = watching({ "pipelines/a.ts": pipeline("a"), "pipelines/b.ts": pipeline("b") });
  const before = await next();
  writeIn(root, "pipelines/a.ts", pipeline("a", "extract.with({ retries: 1 })();"));
  const after = await next();
  expect(versions(after)["a"]).not.toBe(versions(before)["a"]);
  expect(after.workflows.get("b")).toBe(before.workflows.get("b"));
});

test("what a file imports counts as the file, also outside of its folder and after it was broken", async () => {
  const { root, next } = watching({
    "lib/name.ts": `export const name = "a";`,
    "pipelines/a.ts": `import { name } from "../lib/name.ts"; import { dag, task } from "tutti"; const t = task("t", () => 1); export default dag(name, {}, () => { t(); });`,
  });
  expect([...(await next()).workflows.keys()]).toEqual(["a"]);
  writeIn(root, "lib/name.ts", `export const name = "a`);
  const broken = await next();
  expect(broken.errors).toHaveLength(1);
  writeIn(root, "lib/name.ts", `export const name = "b";`);
  expect([...(await next()).workflows.keys()]).toEqual(["b"]);
});

test("files come and go, also in new folders and by renaming, as editors save", async () => {
  const { root, next } = watching({ "pipelines/a.ts": pipeline("a") });
  await next();
  writeIn(root, "pipelines/deep/er/b.ts", pipeline("b"));
  expect([...(await next()).workflows.keys()].sort()).toEqual(["a", "b"]);
  writeIn(root, "swap", pipeline("c"));
  renameSync(join(root, "swap"), join(root, "pipelines/a.ts"));
  expect([...(await next()).workflows.keys()].sort()).toEqual(["b", "c"]);
  rmSync(join(root, "pipelines/deep"), { recursive: true });
  let project = await next();
  // The folders may be told after the file.
  while (project.workflows.size > 1) project = await next();
  expect([...project.workflows.keys()]).toEqual(["c"]);
});

test("a folder that is not there yet is waited for", async () => {
  const { root, next } = watching({});
  expect((await next()).notes).toEqual([`There is no folder "pipelines".`]);
  writeIn(root, "pipelines/a.ts", pipeline("a"));
  let project = await next();
  while (project.workflows.size === 0) project = await next();
  expect([...project.workflows.keys()]).toEqual(["a"]);
});

test("a file that reads others is loaded again with each of their changes", async () => {
  const reads = `import { readFileSync } from "node:fs"; import { dag, task } from "tutti"; const t = task("t", () => 1);
export default dag(readFileSync("pipelines/name.json", "utf8").trim(), {}, () => { t(); });`;
  const { root, next } = watching({ "pipelines/name.json": "one", "pipelines/a.ts": reads });
  expect([...(await next()).workflows.keys()]).toEqual(["one"]);
  writeIn(root, "pipelines/name.json", "two");
  expect([...(await next()).workflows.keys()]).toEqual(["two"]);
});

test("a configuration that was changed is told", async () => {
  const { root, watch, told, next } = watching(
    { "tutti.config.ts": "export default {};", "pipelines/a.ts": pipeline("a") },
    "tutti.config.ts",
  );
  await next();
  const changed = watch.next();
  writeIn(root, "tutti.config.ts", "export default { children: 1 };");
  await expect.poll(() => told).not.toEqual([]);
  watch.close();
  expect(await changed).toBeNull();
});
