import { expect, test } from "vitest";
import { tempProject } from "../support/temp-project.ts";
import { tutti } from "../support/tutti-process.ts";

const PIPELINE = `
import { dag, task } from "tutti";
import { existsSync } from "node:fs";
const load = task("load", { pool: "db" }, () => {
  if (!existsSync(new URL("../table.txt", import.meta.url))) throw new Error("no table");
  return 1;
});
const report = task("report", () => "reported");
const other = task("other", () => 2);
export default dag("sales", {}, () => { report().after(load()); other(); });
`;

test("a failed run is explained, its task marked, and what follows runs; all of it stands in the audit log", async () => {
  const project = tempProject({
    "pipelines/sales.ts": PIPELINE,
    "tutti.config.ts": `import { defineConfig } from "tutti";\nexport default defineConfig({ pools: { db: 2 } });\n`,
  });
  const cwd = project.dir;
  const { stdout } = await tutti(["run", "sales", "--json"], { cwd });
  const { run } = JSON.parse(stdout) as { run: { id: string; state: string } };
  expect(run.state).toBe("failed");

  const why = await tutti(["why", run.id, "report"], { cwd });
  expect(why.stdout).toMatch(/upstream_failed {2}report\n {2}It never ran, because of load, which failed: no table/);
  expect((await tutti(["why", "sales"], { cwd })).stdout).toMatch(
    /has no schedule[^]*Its last run:\n.*failed {2}sales {2}.*\n.*failed {2}load\n {2}It failed: no table/,
  );

  expect(await tutti(["mark", run.id, "load", "succeeded", "--reason", "by hand"], { cwd })).toMatchObject({ code: 0 });
  expect(await tutti(["resume", run.id, "--json"], { cwd })).toMatchObject({ code: 0 });
  const again = await tutti(["retry", run.id, "--task", "other", "--json"], { cwd });
  const tasks = (JSON.parse(again.stdout) as { tasks: { name: string; state: string }[] }).tasks;
  expect(Object.fromEntries(tasks.map(({ name, state }) => [name, state]))).toEqual({
    load: "succeeded",
    report: "succeeded",
    other: "succeeded",
  });

  expect(await tutti(["cancel", run.id, "load"], { cwd })).toMatchObject({
    code: 2,
    stderr: expect.stringMatching(/\[RUN_ENDED\]/),
  });
  expect(await tutti(["pools", "set", "db", "0"], { cwd })).toMatchObject({
    code: 2,
    stderr: expect.stringMatching(/\[POOL_SIZE\]/),
  });
  expect(await tutti(["pools", "set", "other", "1"], { cwd })).toMatchObject({
    code: 2,
    stderr: expect.stringMatching(/\[POOL_UNKNOWN\]/),
  });
  expect((await tutti(["pools", "set", "db", "5"], { cwd })).stdout).toBe('Pool "db" has 5 slots now; it had 2.\n');
  expect(JSON.parse((await tutti(["pools", "--json"], { cwd })).stdout)).toMatchObject([
    { name: "db", slots: 5, declared: 2, used: 0, holders: [], changedBy: expect.stringMatching(/^cli:/) },
  ]);

  project.write("tutti.config.ts", `import { defineConfig } from "tutti";\nexport default defineConfig({});\n`);
  const unknown = await tutti(["check"], { cwd });
  expect(unknown).toMatchObject({ code: 1, stdout: expect.stringMatching(/pool "db", which is not declared/) });
});
