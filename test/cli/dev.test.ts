import { rmSync } from "node:fs";
import { expect, test } from "vitest";
import { tempProject, type TempProject } from "../support/temp-project.ts";
import { startTutti, tutti } from "../support/tutti-process.ts";

/** A run that is half done until its gate is there; each task tells what its code says. */
const pipeline = (says: string, more = "") => `
import { dag, task } from "tutti";
import { existsSync } from "node:fs";
const root = new URL("../", import.meta.url);
const first = task("first", (_: void, ctx) => { ctx.log.info("first says ${says}"); return 1; });
const second = task("second", async (_: { one: number }, ctx) => {
  while (!existsSync(new URL("gate", root))) await new Promise((resolve) => setTimeout(resolve, 20));
  return "${says}";
});
const third = task("third", ({ heard }: { heard: string }) => heard + " ${says}");
const audit = task("audit", () => 0);
export default dag("edited", {}, () => { const end = third({ heard: second({ one: first() }) }); ${more} });
`;

async function developing(files: Readonly<Record<string, string>>) {
  const project = tempProject(files);
  const dev = startTutti(["dev"], { cwd: project.dir });
  await dev.saw(/Ready on store/);
  return { project, dev };
}

const thirdOf = async ({ dir }: TempProject) => {
  const { stdout } = await tutti(["run", "edited", "--json"], { cwd: dir });
  const { tasks } = JSON.parse(stdout) as { tasks: { name: string; output: unknown }[] };
  return tasks.find(({ name }) => name === "third")?.output;
};

test("a run that is half done when its file is saved ends on the old code, the next starts on the new", async () => {
  const { project, dev } = await developing({ "pipelines/edited.ts": pipeline("old") });
  const run = startTutti(["run", "edited", "--json"], { cwd: project.dir });
  const logs = async () => (await tutti(["runs", "--state", "running", "--json"], { cwd: project.dir })).stdout;
  await expect.poll(logs, { timeout: 20_000, interval: 200 }).toMatch(/"running":1/);

  project.write("pipelines/edited.ts", pipeline("new", "audit().after(end);"));
  await dev.saw(/edited {2}changed {2}version \w{8} {2}\+ audit/);
  project.write("gate", "");
  const { tasks } = JSON.parse((await run.ended).stdout) as { tasks: { name: string; output: unknown }[] };
  expect(tasks.map(({ name, output }) => [name, output])).toEqual([
    ["first", 1],
    ["second", "old"],
    ["third", "old old"],
  ]);
  expect(await thirdOf(project)).toBe("new new");

  const versions = JSON.parse((await tutti(["versions", "edited", "--json"], { cwd: project.dir })).stdout) as object[];
  expect(versions).toMatchObject([
    { latest: true, unfinishedRuns: 0, diff: { tasks: { added: ["audit"], removed: [], changed: [] } } },
    { latest: false, diff: null },
  ]);
  dev.kill("SIGINT");
  expect(await dev.ended).toMatchObject({ code: 0 });
});

test("an unchanged file makes no version, a broken one keeps its last good one, and a removed one is retired", async () => {
  const { project, dev } = await developing({ "pipelines/edited.ts": pipeline("old") });
  const hashes = async () =>
    (JSON.parse((await tutti(["versions", "edited", "--json"], { cwd: project.dir })).stdout) as object[]).length;

  project.write("pipelines/edited.ts", pipeline("old"));
  project.write("pipelines/other.ts", pipeline("x").replace(`dag("edited"`, `dag("other"`));
  await dev.saw(/other {2}new/);
  expect(await hashes()).toBe(1);

  project.write("pipelines/edited.ts", "export default dag(");
  await dev.saw(/✗ pipelines\/edited\.ts:1:20[^]*1 problem: what loaded before goes on as it was/);
  const { stdout } = await tutti(["versions", "edited", "--json"], { cwd: project.dir });
  expect(JSON.parse(stdout)).toMatchObject([{ latest: true }]);
  project.write("pipelines/edited.ts", pipeline("old"));
  await dev.saw(/pipelines\/edited\.ts {2}loads again/);
  expect(await hashes()).toBe(1);

  rmSync(project.path("pipelines/other.ts"));
  await dev.saw(/other {2}retired/);
  dev.kill("SIGTERM");
  await dev.ended;
});

test("dev is refused on a store that others share, and says what to do", async () => {
  const project = tempProject({ "pipelines/edited.ts": pipeline("old") });
  const env = { TUTTI_STORE: "postgres://localhost:1/none" };
  const refused = await tutti(["dev"], { cwd: project.dir, env });
  expect(refused).toMatchObject({ code: 1, stderr: expect.stringMatching(/TUTTI_STORE=.*\[DEV_ON_ONE_MACHINE\]/) });
});
