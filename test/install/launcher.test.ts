import { type SpawnSyncReturns, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { copyFileSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { type TempProject, tempProject } from "../support/temp-project.ts";

const LAUNCHER = join(import.meta.dirname, "..", "..", "scripts", "launch.mjs");
const OLD_NODE = `Object.defineProperty(process, "versions", { value: { ...process.versions, node: "20.20.2" } })`;

/** A clone with nothing in it but the launcher, a script, and the folders that are named. */
function clone(...folders: ("node_modules" | "dist")[]): TempProject {
  const project = tempProject({ "scripts/say.mjs": `console.log(process.argv.slice(2).join(" "));` });
  copyFileSync(LAUNCHER, project.path("scripts/launch.mjs"));
  for (const folder of folders) mkdirSync(project.path(folder));
  if (folders.includes("dist")) project.write("dist/index.js", "");
  return project;
}

function launch(project: TempProject, args: string[], flags: string[] = []): SpawnSyncReturns<string> {
  return spawnSync(process.execPath, [...flags, project.path("scripts/launch.mjs"), ...args], { encoding: "utf8" });
}

function expectRefusal(result: SpawnSyncReturns<string>, advice: string): void {
  expect(result).toMatchObject({ status: 2, stdout: "" });
  expect(result.stderr.trimEnd().split("\n")).toEqual([expect.stringMatching(advice)]);
}

test("a script gets its arguments, and its exit code is the launcher's", () => {
  const project = clone("node_modules", "dist");
  expect(launch(project, ["scripts/say.mjs", "--json", "a b"])).toMatchObject({ status: 0, stdout: "--json a b\n" });
  project.write("scripts/fail.mjs", "process.exitCode = 7;");
  expect(launch(project, ["scripts/fail.mjs"]).status).toBe(7);
});

test("before npm ci, one line says so", () => {
  expectRefusal(launch(clone(), ["scripts/say.mjs"]), "Run: npm ci$");
});

test("without dist/, one line says how to build, and a script that does not need it runs", () => {
  const project = clone("node_modules");
  expectRefusal(launch(project, ["scripts/say.mjs"]), "Run: npm run build$");
  expect(launch(project, ["--unbuilt", "scripts/say.mjs", "x"])).toMatchObject({ status: 0, stdout: "x\n" });
});

test("on an old Node without the pinned one, one line says how to get it", () => {
  const old = ["--import", `data:text/javascript,${OLD_NODE}`];
  expectRefusal(launch(clone("node_modules"), ["scripts/say.mjs"], old), "this is 20.20.2.*Run: npm rebuild node");
});

test("on an old Node, the pinned one runs the script", () => {
  const project = clone("node_modules", "dist");
  mkdirSync(project.path("node_modules/node/bin"), { recursive: true });
  project.write("scripts/which.mjs", "console.log(process.execPath);");
  copyFileSync(process.execPath, project.path("node_modules/node/bin/node"));
  const result = launch(project, ["scripts/which.mjs"], ["--import", `data:text/javascript,${OLD_NODE}`]);
  expect(result.stdout.trim()).toBe(project.path("node_modules/node/bin/node"));
});

test.each(["SIGTERM", "SIGINT"] as const)("%s reaches the script, whose end is the launcher's", async (signal) => {
  const project = clone("node_modules", "dist");
  project.write(
    "scripts/wait.mjs",
    `process.on("${signal}", () => process.exit(5)); setInterval(() => {}, 1e6); console.log("up");`,
  );
  const launcher = spawn(process.execPath, [project.path("scripts/launch.mjs"), "scripts/wait.mjs"]);
  await once(launcher.stdout, "data");
  launcher.kill(signal);
  expect(await once(launcher, "exit")).toEqual([5, null]);
});
