import { existsSync } from "node:fs";
import { expect, test } from "vitest";
import { tempProject, type TempProject } from "../support/temp-project.ts";
import { startTutti, tutti } from "../support/tutti-process.ts";

/** Leaves a line for each start of its task: the run, and when its window begins. */
const PIPELINE = `
import { cron, dag, task } from "tutti";
import { appendFileSync } from "node:fs";
const leaves = task("leaves", (_: void, ctx) => {
  const line = ctx.runInfo.id + " " + new Date(ctx.interval.start).toISOString() + "\\n";
  appendFileSync(new URL("../done.txt", import.meta.url), line);
});
export const ticks = dag("ticks", { schedule: cron("* * * * * *") }, () => void leaves());
`;
const FIRED = /ticks {2}schedule {2}\S+(?: \S+)? {2}(\w{26})\n/;
const times = (pattern: RegExp, count: number): RegExp => new RegExp(`(?:${pattern.source}[^]*){${count}}`);

/** Windows by the run that was made for each. */
function windows(project: TempProject): Map<string, Set<string>> {
  const runs = new Map<string, Set<string>>();
  if (!existsSync(project.path("done.txt"))) return runs;
  for (const line of project.read("done.txt").trim().split("\n")) {
    const [run = "", start = ""] = line.split(" ");
    runs.set(start, (runs.get(start) ?? new Set()).add(run));
  }
  return runs;
}

test("schedules go on after kill -9: every window has one run, and what was due meanwhile is made good", async () => {
  const project = tempProject({ "pipelines/ticks.ts": PIPELINE });
  const { dir } = project;
  const first = startTutti(["start"], { cwd: dir });
  await first.saw(times(FIRED, 2));
  first.kill("SIGKILL");
  await first.ended;
  const second = startTutti(["start"], { cwd: dir });
  await second.saw(times(FIRED, 3));

  expect(await tutti(["pause", "ticks"], { cwd: dir })).toMatchObject({
    code: 0,
    stdout: expect.stringMatching(/is paused/),
  });
  const [listed] = JSON.parse((await tutti(["list", "--json"], { cwd: dir })).stdout) as object[];
  expect(listed).toMatchObject({ name: "ticks", paused: { by: expect.any(String) }, nextRun: null });
  second.kill("SIGTERM");
  expect(await second.ended).toMatchObject({ code: 0 });

  const made = windows(project);
  expect(made.size).toBeGreaterThanOrEqual(5);
  for (const runs of made.values()) expect(runs.size).toBe(1);
  const starts = [...made.keys()].map((start) => Date.parse(start)).sort((a, b) => a - b);
  expect(starts.map((start, place) => (place === 0 ? 1_000 : start - starts[place - 1]!))).toEqual(
    starts.map(() => 1_000),
  );
  const runs = JSON.parse((await tutti(["runs", "--json", "--limit", "100"], { cwd: dir })).stdout) as {
    state: string;
    trigger: string;
  }[];
  expect(runs.length).toBe(made.size);
  expect(new Set(runs.map(({ state, trigger }) => `${state} ${trigger}`))).toEqual(new Set(["succeeded schedule"]));

  // Paused, it starts nothing; unpaused, nothing of the time between.
  const third = startTutti(["start", "--json"], { cwd: dir });
  await third.saw(/"slots"/);
  const unpaused = Date.now();
  expect(await tutti(["unpause", "ticks", "--json"], { cwd: dir })).toMatchObject({
    code: 0,
    stdout: expect.stringMatching(/"paused":false/),
  });
  const [, start = ""] = await third.saw(/"event":"fired".*"start":"([^"]+)"/);
  expect(Date.parse(start)).toBeGreaterThan(unpaused - 1_500);
  third.kill("SIGTERM");
  expect(await third.ended).toMatchObject({ code: 0 });
});

test("pausing what is not registered is one clear error", async () => {
  const { dir } = tempProject({ "pipelines/ticks.ts": PIPELINE });
  expect(await tutti(["pause", "ticks"], { cwd: dir })).toMatchObject({
    code: 1,
    stderr: expect.stringMatching(/Workflow "ticks" is not registered\..*\[WORKFLOW_NOT_REGISTERED\]/),
  });
  expect(existsSync(`${dir}/.tutti/tutti.db`)).toBe(false);
});
