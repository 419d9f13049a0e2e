import { expect, test } from "vitest";
import { tempProject, type TempProject } from "../support/temp-project.ts";
import { tutti } from "../support/tutti-process.ts";

/** `load` is broken; each task leaves a line in `ran.txt`. */
const pipeline = (load: string, more = "") => `
import { dag, task } from "tutti";
import { appendFileSync } from "node:fs";
const ran = (name: string) => appendFileSync(new URL("../ran.txt", import.meta.url), name + " ");
const extract = task("extract", (_: void, ctx) => { ran("extract"); return ctx.idempotencyKey; });
const load = task("load", ({ rows }: { rows: string }) => { ran("load"); ${load} });
const old = task("old", () => { ran("old"); return 0; });
const notify = task("notify", ({ of }: { of: string }) => { ran("notify"); return of + "!"; });
export default dag("sales", {}, () => { const loaded = load({ rows: extract() }); ${more || "old().after(loaded);"} });
`;
const BROKEN = pipeline(`throw new Error("no table");`);
const MENDED = pipeline(`return "loaded";`, "notify({ of: loaded });");

async function failed(): Promise<{ project: TempProject; id: string }> {
  const project = tempProject({ "pipelines/sales.ts": BROKEN });
  const { stdout } = await tutti(["run", "sales", "--json"], { cwd: project.dir });
  const { run } = JSON.parse(stdout) as { run: { id: string; state: string } };
  expect(run.state).toBe("failed");
  project.write("ran.txt", "");
  return { project, id: run.id };
}

async function retried(args: readonly string[], { dir }: TempProject) {
  const { stdout, stderr } = await tutti(["retry", ...args, "--json"], { cwd: dir });
  if (stdout === "") throw new Error(stderr);
  const { run, tasks } = JSON.parse(stdout) as {
    run: { state: string; version: string };
    tasks: { name: string; state: string; output?: unknown }[];
  };
  return { run, tasks: Object.fromEntries(tasks.map(({ name, state, output }) => [name, output ?? state])) };
}

test("a retry keeps the version it began with, and takes the mended code when it is told to", async () => {
  const { project, id } = await failed();
  project.write("pipelines/sales.ts", MENDED);

  expect((await retried([id], project)).run.state).toBe("failed");
  expect(project.read("ran.txt")).toBe("load ");

  const { run, tasks } = await retried([id, "--version", "latest"], project);
  expect(run.state).toBe("succeeded");
  // What had succeeded kept its value; a task that the new version does not have is gone from the run.
  expect(project.read("ran.txt")).toBe("load load notify ");
  expect(tasks).toMatchObject({ load: "loaded", notify: "loaded!" });
  expect(tasks).not.toHaveProperty("old");
});

test("a fresh retry runs every task again, under other keys, also of a run that has succeeded", async () => {
  const { project, id } = await failed();
  project.write("pipelines/sales.ts", MENDED);
  const first = await retried([id, "--fresh", "--version", "latest"], project);
  expect(project.read("ran.txt")).toBe("extract load notify ");

  const nothing = await tutti(["retry", id], { cwd: project.dir });
  expect(nothing).toMatchObject({ code: 2, stderr: expect.stringMatching(/--fresh \[NOTHING_TO_RETRY\]/) });
  const again = await retried([id, "--fresh"], project);
  expect(again.run).toMatchObject({ state: "succeeded", version: first.run.version });
  expect(again.tasks["extract"]).not.toBe(first.tasks["extract"]);
});

test("a version that is neither is refused", async () => {
  const { project, id } = await failed();
  const refused = await tutti(["retry", id, "--version", "newest"], { cwd: project.dir });
  expect(refused).toMatchObject({ code: 2, stderr: expect.stringMatching(/There are: same, latest/) });
});
