import { spawnSync } from "node:child_process";
import { copyFileSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { tempProject } from "../support/temp-project.ts";
import { tutti } from "../support/tutti-process.ts";

const BIN = join(import.meta.dirname, "..", "..", "bin", "tutti.mjs");

/** The command as another runtime would start it. */
function pretending(versions: Record<string, string>, bin = BIN) {
  const fake = `Object.defineProperty(process, "versions", { value: { ...process.versions, ...${JSON.stringify(versions)} } })`;
  return spawnSync(process.execPath, ["--import", `data:text/javascript,${fake}`, bin, "--help"], { encoding: "utf8" });
}

test.each([
  [{ node: "22.17.1" }, "Tutti needs Node 22.18 or newer; this is 22.17.1."],
  [{ bun: "1.3.0" }, "Tutti does not run on Bun."],
  [{ deno: "2.5.0" }, "Tutti does not run on Deno."],
])("%o is refused with a sentence", (versions, sentence) => {
  const { status, stdout, stderr } = pretending(versions);
  expect({ status, stdout }).toEqual({ status: 2, stdout: "" });
  expect(stderr).toContain(sentence);
  expect(stderr.trimEnd().split("\n")).toHaveLength(1);
});

test("in a clone that is not built, it says how to build", () => {
  const project = tempProject();
  mkdirSync(project.path("bin"));
  copyFileSync(BIN, project.path("bin/tutti.mjs"));
  expect(pretending({}, project.path("bin/tutti.mjs"))).toMatchObject({
    status: 2,
    stderr: expect.stringContaining("npm run build"),
  });
});

test("from any folder it shows its commands, and nothing on stderr", async () => {
  const { code, stdout, stderr } = await tutti(["--help"], { cwd: tempProject().dir });
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  expect(stdout).toMatch(/\brun\b/);
});
