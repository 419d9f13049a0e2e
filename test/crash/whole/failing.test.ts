import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "vitest";
import { tempProject } from "../../support/temp-project.ts";
import { startTutti, tutti } from "../../support/tutti-process.ts";

const HEAD = `
import { appendFileSync } from "node:fs";
import { dag, sensor, task } from "tutti";
const say = (text: string) => appendFileSync("effects.txt", text + "\\n");
`;
const FAILING = 500;

interface Shown {
  readonly run: { readonly id: string; readonly state: string };
  readonly tasks: readonly { readonly name: string; readonly state: string; readonly attempts: number }[];
}

const shown = (stdout: string): Shown => JSON.parse(stdout) as Shown;

test(`${FAILING} mapped tasks fail at once: the run fails once, one message is sent, and a retry runs those that failed`, async () => {
  const project = tempProject({
    "pipelines/many.ts": `${HEAD}
import { existsSync } from "node:fs";
const each = task("each", ({ n }: { n: number }) => {
  if (n % 2 === 0 && !existsSync("mended")) throw new Error("no row " + n);
  return n;
});
const all = task("all", ({ each }: { each: readonly number[] }) => each.length);
export default dag("many", { onFailure: (alert) => say("told " + JSON.stringify(alert.failedTasks)) }, () => {
  all({ each: each.map({ n: Array.from({ length: ${2 * FAILING} }, (_, n) => n) }) });
});`,
  });
  const on = { cwd: project.dir };
  const failed = await tutti(["run", "many", "--json"], on);
  expect(failed.code).toBe(1);
  const { run, tasks } = shown(failed.stdout);
  expect(run.state).toBe("failed");
  const ends = Object.groupBy(tasks, ({ name, state }) => `${name} ${state}`);
  expect(Object.fromEntries(Object.entries(ends).map(([end, of]) => [end, of?.length]))).toEqual({
    "each failed": FAILING,
    "each succeeded": FAILING,
    "all upstream_failed": 1,
  });
  expect(project.read("effects.txt").trim().split("\n")).toEqual([
    `told ${JSON.stringify([{ task: "each", count: FAILING }])}`,
  ]);

  project.write("mended", "");
  const mended = await tutti(["retry", run.id, "--json"], on);
  expect(mended.code, mended.stderr).toBe(0);
  const again = shown(mended.stdout).tasks.filter(({ name }) => name === "each");
  expect(again.map(({ state }) => state)).toEqual(Array(2 * FAILING).fill("succeeded"));
});

test("a sensor that throws every time fails with what it threw; what stands beside it goes on", async () => {
  const project = tempProject({
    "pipelines/looking.ts": `${HEAD}
const landed = sensor("landed", { every: "100ms", timeout: "20s", retries: 2 }, async () => {
  say("looked");
  throw new Error("no such bucket");
});
const beside = task("beside", async () => { await new Promise((resolve) => setTimeout(resolve, 500)); say("beside"); });
const load = task("load", (_: { at: unknown }) => say("loaded"));
export default dag("looking", {}, () => { beside(); load({ at: landed({}) }); });`,
  });
  const { code, stdout } = await tutti(["run", "looking", "--json"], { cwd: project.dir });
  expect(code).toBe(1);
  const { tasks } = shown(stdout);
  expect(tasks.map(({ name, state }) => `${name} ${state}`).toSorted()).toEqual([
    "beside succeeded",
    "landed failed",
    "load upstream_failed",
  ]);
  const effects = project.read("effects.txt").trim().split("\n");
  expect(effects.filter((line) => line === "looked").length).toBeGreaterThan(1);
  expect(effects).toContain("beside");
  expect(stdout).toContain("no such bucket");
});

test("an approval that two people answer at once has one answer, and the other is told", async () => {
  const project = tempProject({
    "pipelines/asking.ts": `${HEAD}
const ask = task("ask", async (_: void, ctx) => {
  const { approved, by } = await ctx.approval({ title: "Pay?" });
  say("answered " + approved + " by " + by);
});
export default dag("asking", {}, () => { ask(); });`,
  });
  const on = { cwd: project.dir };
  const owner = startTutti(["run", "asking"], on);
  await owner.saw(/asking.*waits|ask waits|waits/);
  const list = async () => JSON.parse((await tutti(["approvals", "--json"], on)).stdout) as { id: string }[];
  let [asked] = await list();
  for (; asked === undefined; [asked] = await list()) await sleep(50);

  const answers = await Promise.all([tutti(["approve", asked.id], on), tutti(["reject", asked.id], on)]);
  expect(new Set(answers.map(({ code }) => code))).toEqual(new Set([0, 1]));
  expect(answers.find(({ code }) => code === 1)?.stderr).toMatch(/APPROVAL_(ANSWERED|OVER)/);
  expect((await owner.ended).code).toBe(0);
  const approved = answers[0].code === 0;
  expect(project.read("effects.txt")).toContain(`answered ${approved}`);
  expect(project.read("effects.txt").trim().split("\n")).toHaveLength(1);
});
