import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "vitest";
import { openSqliteReader } from "../../../src/store/sqlite/open-sqlite-store.ts";
import { tempProject, type TempProject } from "../../support/temp-project.ts";
import { startTutti, tutti } from "../../support/tutti-process.ts";

const HEAD = `
import { appendFileSync, existsSync } from "node:fs";
import { dag, sensor, task } from "tutti";
const say = (text: string) => appendFileSync("effects.txt", text + "\\n");
`;

test("killed in a sleep: the steps before it do not happen again, and it ends when it would have ended", async () => {
  const project = tempProject({
    "pipelines/order.ts": `${HEAD}
const order = task("order", async (_: void, ctx) => {
  await ctx.step("charge", () => say("charged " + Date.now()));
  await ctx.sleep("6s");
  await ctx.step("ship", () => say("shipped " + Date.now()));
});
export default dag("orders", {}, () => { order(); });`,
  });
  const owner = startTutti(["run", "orders"], { cwd: project.dir });
  await owner.saw(/waits until/);
  owner.kill("SIGKILL");
  await owner.ended;

  const resumed = await tutti(["resume"], { cwd: project.dir });

  expect(resumed.code, resumed.stderr).toBe(0);
  const [charged = 0, shipped = 0] = effects(project).map((line) => Number(line.split(" ")[1]));
  expect(effects(project).map((line) => line.split(" ")[0])).toEqual(["charged", "shipped"]);
  expect(shipped - charged).toBeGreaterThanOrEqual(6_000);
  // Begun anew after the kill it would be over a second later, at least.
  expect(shipped - charged).toBeLessThan(6_000 + 15_000);
});

test("killed in a step: that one happens again, those before it do not", async () => {
  const project = tempProject({
    "pipelines/order.ts": `${HEAD}
const order = task("order", async (_: void, ctx) => {
  await ctx.step("charge", () => say("charged"));
  await ctx.step("ship", async () => {
    say("ships");
    while (!existsSync("go.txt")) await new Promise((resolve) => setTimeout(resolve, 20));
  });
  return ctx.random();
});
export default dag("orders", {}, () => { order(); });`,
  });
  const owner = startTutti(["run", "orders"], { cwd: project.dir });
  await until(() => effects(project).includes("ships"));
  owner.kill("SIGKILL");
  await owner.ended;
  project.write("go.txt", "");

  const resumed = await tutti(["resume"], { cwd: project.dir });

  expect(resumed.code, resumed.stderr).toBe(0);
  expect(effects(project)).toEqual(["charged", "ships", "ships"]);
});

test("a child that is killed takes what waits in it along, and the bodies run again elsewhere", async () => {
  const project = tempProject({
    "pipelines/naps.ts": `${HEAD}
const nap = task("nap", async ({ i }: { i: number }, ctx) => {
  await ctx.step("mark", () => say("marked " + i + " " + process.pid));
  await ctx.sleep("5s");
  say("slept " + i + " " + process.pid);
  return i;
});
export default dag("naps", {}, () => { nap.map({ i: [0, 1, 2, 3, 4, 5] }); });`,
  });
  const owner = startTutti(["run", "naps", "--json"], { cwd: project.dir });
  await until(() => effects(project).length === 6);
  await untilDeferred(project, 6);
  const [killed] = effects(project).map((line) => Number(line.split(" ")[2]));
  process.kill(killed ?? 0, "SIGKILL");

  const { code, stderr } = await owner.ended;

  expect(code, stderr).toBe(0);
  const slept = effects(project).filter((line) => line.startsWith("slept"));
  expect(effects(project).filter((line) => line.startsWith("marked"))).toHaveLength(6);
  expect(slept.map((line) => line.split(" ")[1] ?? "").toSorted((a, b) => (a < b ? -1 : 1))).toEqual([
    "0",
    "1",
    "2",
    "3",
    "4",
    "5",
  ]);
  expect(slept.every((line) => Number(line.split(" ")[2]) !== killed)).toBe(true);
});

test("a run that waits is cancelled at once, and its code cleans up before its process ends", async () => {
  const project = tempProject({
    "pipelines/nap.ts": `${HEAD}
const nap = task("nap", async (_: void, ctx) => {
  ctx.signal.addEventListener("abort", () => say("told to stop"));
  await ctx.sleep("10h").finally(async () => {
    await new Promise((resolve) => setTimeout(resolve, 200));
    say("cleaned up");
  });
  say("slept");
});
const look = sensor("look", { every: "10h" }, () => undefined);
export default dag("naps", {}, () => { nap(); look(); });`,
  });
  const owner = startTutti(["run", "naps", "--json"], { cwd: project.dir });
  await untilDeferred(project, 2);
  const [run] = await runs(project);
  const cancelled = await tutti(["cancel", run ?? ""], { cwd: project.dir });
  expect(cancelled.code, cancelled.stderr).toBe(0);

  const { stdout } = await owner.ended;

  expect(JSON.parse(stdout)).toMatchObject({
    run: { state: "cancelled" },
    tasks: [
      { name: "nap", state: "cancelled" },
      { name: "look", state: "cancelled" },
    ],
  });
  expect(effects(project)).toEqual(["told to stop", "cleaned up"]);
});

function effects(project: TempProject): string[] {
  try {
    return project.read("effects.txt").split("\n").filter(Boolean);
  } catch {
    return [];
  }
}

async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await sleep(10);
}

async function runs(project: TempProject): Promise<readonly string[]> {
  const reader = await openSqliteReader({ path: project.path(".tutti/tutti.db") });
  const found = await reader.listRuns({ limit: 2 });
  await reader.close();
  return found.map(({ id }) => id);
}

async function untilDeferred(project: TempProject, count: number): Promise<void> {
  for (;;) {
    const reader = await openSqliteReader({ path: project.path(".tutti/tutti.db") }).catch(() => null);
    const [run] = (await reader?.listRuns({ limit: 1 })) ?? [];
    await reader?.close();
    if ((run?.counts.deferred ?? 0) >= count) return;
    await sleep(20);
  }
}
