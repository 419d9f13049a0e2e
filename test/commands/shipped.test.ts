import { existsSync } from "node:fs";
import { expect, test } from "vitest";
import { isAlive, until } from "../../src/engine/children/fixtures/processes.ts";
import { tempProject, type TempProject } from "../support/temp-project.ts";
import { startTutti, tutti } from "../support/tutti-process.ts";

/** A task whose command writes its process's number and then goes on for ever, deaf to SIGTERM unless the script says otherwise. */
const forever = (options: string, script: string): string => `
  import { dag, task } from "tutti";
  import { shell } from "tutti/shell";
  const endless = task("endless"${options}, (_: void, ctx) => shell(ctx, { grace: "1s" })\`
    ${script}
    sleep 600 & echo $! > child.part && mv child.part child
    echo $$ > pid.part && mv pid.part pid
    while :; do sleep 0.1; done\`);
  export default dag("commands", {}, () => void endless());`;

const pidIn = (project: TempProject, file: string): number => Number(project.read(file));
const began = (project: TempProject): Promise<void> => until(() => existsSync(project.path("pid")));
const bothGone = (project: TempProject): Promise<void> =>
  until(() => !isAlive(pidIn(project, "pid")) && !isAlive(pidIn(project, "child")));

test("a command's lines are in the task's log, and a password that it was given is masked in them", async () => {
  const project = tempProject({
    "pipelines/commands.ts": `
      import { dag, task } from "tutti";
      import { shell, urlOf } from "tutti/shell";
      const orders = urlOf("orders");
      const dump = task("dump", (_: void, ctx) => shell(ctx, { env: { DATABASE_URL: orders } })\`
        echo "dumping $DATABASE_URL for $TUTTI_DATE"
        echo careful >&2\`);
      export default dag("commands", { schedule: "@daily" }, () => void dump());`,
  });
  const env = { TUTTI_CONNECTION_ORDERS: "postgres://shop:hunter2hunter2@db/shop" };
  const run = await tutti(["run", "commands", "--date", "2025-08-12"], { cwd: project.dir, env });
  expect(run.code, run.stderr).toBe(0);
  const [{ id }] = JSON.parse((await tutti(["runs", "--json"], { cwd: project.dir })).stdout) as [{ id: string }];
  const lines = (await tutti(["logs", id, "--json"], { cwd: project.dir })).stdout.trim().split("\n");
  const said = lines.map((line) => JSON.parse(line) as { level: string; message: string });
  expect(said.map(({ level, message }) => `${level}: ${message}`).toSorted()).toEqual([
    "info: dumping postgres://***@db/shop for 2025-08-12",
    "warn: careful",
  ]);
});

test("a timeout ends the command with all it has started, though it ignores SIGTERM", async () => {
  const project = tempProject({ "pipelines/commands.ts": forever(', { timeout: "2s" }', "trap '' TERM") });
  const run = await tutti(["run", "commands"], { cwd: project.dir });
  expect(run.code).toBe(1);
  expect(run.stdout + run.stderr).toContain("TIMED_OUT");
  await bothGone(project);
});

test("a cancelled run ends its command", async () => {
  const project = tempProject({ "pipelines/commands.ts": forever("", "") });
  const run = startTutti(["run", "commands"], { cwd: project.dir });
  await began(project);
  const [{ id }] = JSON.parse((await tutti(["runs", "--json"], { cwd: project.dir })).stdout) as [{ id: string }];
  expect((await tutti(["cancel", id], { cwd: project.dir })).code).toBe(0);
  await run.ended;
  await bothGone(project);
});

test("a command does not outlive a Tutti that was killed", async () => {
  const project = tempProject({ "pipelines/commands.ts": forever("", "trap '' TERM") });
  const run = startTutti(["run", "commands"], { cwd: project.dir });
  await began(project);
  run.kill("SIGKILL");
  await run.ended;
  await bothGone(project);
});
