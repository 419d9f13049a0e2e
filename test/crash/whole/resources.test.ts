import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "vitest";
import { openSqliteReader } from "../../../src/store/sqlite/open-sqlite-store.ts";
import { tempProject, type TempProject } from "../../support/temp-project.ts";
import { startTutti, tutti } from "../../support/tutti-process.ts";

const PIPELINE = `
import { appendFileSync, existsSync } from "node:fs";
import { dag, resource, task } from "tutti";
const say = (text: string) => appendFileSync("effects.txt", text + "\\n");
const until = async (file: string, signal?: AbortSignal) => {
  while (!existsSync(file)) {
    signal?.throwIfAborted();
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
};
const cluster = resource("cluster", {
  setup: (_: void, ctx) => {
    say("setup");
    return { name: "c-" + ctx.runInfo.id };
  },
  teardown: async (made, ctx) => {
    say("begins to take down " + made?.name + " " + ctx.idempotencyKey);
    await until("down.txt");
    say("down");
  },
});
const work = task("work", async ({ name }: { name: string }, ctx) => {
  say("works on " + name);
  await until("go.txt", ctx.signal);
  if (existsSync("fail.txt")) throw new Error("broken");
});
export default dag("jobs", {}, () => { work({ name: cluster().name }); });`;

test("killed while it is used, and again while it is taken down: a run sets it up once, and takes it down", async () => {
  const project = tempProject({ "pipelines/jobs.ts": PIPELINE });
  const first = startTutti(["run", "jobs"], { cwd: project.dir });
  await until(() => count(project, "works") === 1);
  first.kill("SIGKILL");
  await first.ended;
  const second = startTutti(["resume"], { cwd: project.dir });
  await until(() => count(project, "works") === 2);
  project.write("fail.txt", "");
  project.write("go.txt", "");
  await until(() => count(project, "begins") === 1);
  second.kill("SIGKILL");
  await second.ended;
  const third = startTutti(["resume"], { cwd: project.dir });
  await until(() => count(project, "begins") === 2);
  project.write("down.txt", "");

  const { code, stderr } = await third.ended;

  expect(code, stderr).toBe(1);
  expect(words(project)).toEqual(["setup", "works", "works", "begins", "begins", "down"]);
  // The same of it, under the same key.
  expect(new Set(effects(project).filter((line) => line.startsWith("begins"))).size).toBe(1);
});

test("a run that another process cancels takes down what it has set up, and is cancelled", async () => {
  const project = tempProject({ "pipelines/jobs.ts": PIPELINE });
  project.write("down.txt", "");
  const owner = startTutti(["run", "jobs", "--json"], { cwd: project.dir });
  await until(() => count(project, "works") === 1);
  const reader = await openSqliteReader({ path: project.path(".tutti/tutti.db") });
  const [run] = await reader.listRuns({ limit: 1 });
  await reader.close();

  const cancelled = await tutti(["cancel", run?.id ?? ""], { cwd: project.dir });
  const { stdout } = await owner.ended;

  expect(cancelled.code, cancelled.stderr).toBe(0);
  expect(words(project)).toEqual(["setup", "works", "begins", "down"]);
  expect(JSON.parse(stdout)).toMatchObject({
    run: { state: "cancelled" },
    tasks: expect.arrayContaining([
      expect.objectContaining({ name: "cluster.teardown", state: "succeeded" }),
      expect.objectContaining({ name: "work", state: "cancelled" }),
    ]),
  });
});

function effects(project: TempProject): readonly string[] {
  try {
    return project.read("effects.txt").split("\n").filter(Boolean);
  } catch {
    return [];
  }
}

const words = (project: TempProject): readonly string[] => effects(project).map((line) => line.split(" ")[0] ?? "");
const count = (project: TempProject, word: string): number => words(project).filter((one) => one === word).length;

async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await sleep(20);
}
