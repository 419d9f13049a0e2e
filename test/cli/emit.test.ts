import { renameSync } from "node:fs";
import { expect, test } from "vitest";
import { tempProject, type TempProject } from "../support/temp-project.ts";
import { startTutti, tutti } from "../support/tutti-process.ts";

const PIPELINE = `
import { asset, check, dag, onAsset, onEvent, onFile, onPoll, onRun, task } from "tutti";
const sales = asset("sales", { freshness: { within: "1h" }, owner: "data" });
const customers = asset("customers");
const told = task("told", (_: void, ctx) => {
  ctx.log.info([ctx.events.map(({ name }) => name).sort(), ctx.event?.kind, JSON.stringify(ctx.event?.payload)].join(" "));
});
check(sales, { name: "has rows" }, ({ metadata }) => ({ status: "warn", message: metadata?.rows + ' rows' }));
const load = task("load", { produces: [sales, customers] }, (_: void, ctx) => {
  ctx.materialized(sales, { rows: 3 });
  ctx.emit("loaded", { id: "l-1" }, { key: ctx.runInfo.id });
});
export const orders = dag("orders", { schedule: onEvent("orders.received", { match: { region: "emea" }, dedupeBy: (event) => event.payload.id }) }, () => void told());
export const loads = dag("loads", { schedule: onEvent("load") }, () => void load());
export const report = dag("report", { schedule: onAsset(sales.and(customers)) }, () => void told());
export const next = dag("next", { schedule: onEvent("loaded") }, () => void told());
export const after = dag("after", { schedule: onRun(orders) }, () => void told());
export const inbox = dag("inbox", { schedule: onFile("inbox/*.csv", { settle: "100ms" }) }, () => void told());
export const polled = dag("polled", { schedule: onPoll("poll", { every: "100ms" }, (cursor: number | null) =>
  cursor === null ? { cursor: 0, events: [{ payload: { was: "before" } }] } : cursor < 2 ? { cursor: cursor + 1, events: [{ payload: { n: cursor + 1 } }] } : undefined) }, () => void told());
`;

interface RunLine {
  readonly id: string;
  readonly workflow: string;
  readonly trigger: string;
  readonly state: string;
}

const runsOf = async ({ dir }: TempProject): Promise<readonly RunLine[]> =>
  JSON.parse((await tutti(["runs", "--json", "--limit", "100"], { cwd: dir })).stdout) as RunLine[];

const emit = async ({ dir }: TempProject, ...args: readonly string[]) => {
  const { code, stdout, stderr } = await tutti(["emit", ...args, "--json"], { cwd: dir });
  const heard = stdout === "" ? null : (JSON.parse(stdout) as { heard: { workflow: string; outcome: string }[] }).heard;
  return { code, stderr, heard: heard?.map(({ workflow, outcome }) => `${workflow} ${outcome}`) };
};

test("events, assets, ends of runs, files and a poll each start their runs, once, through the process that owns the store", async () => {
  const project = tempProject({ "pipelines/events.ts": PIPELINE, "inbox/old.csv": "1", "inbox/.keep": "" });
  const { dir } = project;
  // Without a process, it is recorded, and what hears of it waits for one.
  expect(await emit(project, "early")).toMatchObject({ code: 0, heard: [] });
  const start = startTutti(["start", "--json"], { cwd: dir });
  await start.saw(/"roles"/);

  const data = (id: unknown, region = "emea") => ["--data", JSON.stringify({ id, region })];
  expect(await emit(project, "orders.received", ...data("o-1"))).toMatchObject({ code: 0, heard: ["orders started"] });
  expect(await emit(project, "orders.received", ...data("o-1"))).toMatchObject({ heard: ["orders repeated"] });
  expect(await emit(project, "orders.received", ...data("o-2", "apac"))).toMatchObject({ heard: ["orders unmatched"] });
  const bad = await emit(project, "orders.received", ...data(17));
  expect(bad).toMatchObject({ code: 1, heard: ["orders refused"] });
  expect(await emit(project, "orders.received", "--data", "{")).toMatchObject({ code: 2 });
  expect((await emit(project, "x", "--key", "")).stderr).toContain("BAD_DEDUPE_KEY");
  await start.saw(/"workflow":"after"/);

  expect(await emit(project, "load")).toMatchObject({ heard: ["loads started"] });
  for (const workflow of ["report", "next"]) await start.saw(new RegExp(`"workflow":"${workflow}"`));
  project.write("inbox/new.part", "1,2");
  renameSync(project.path("inbox/new.part"), project.path("inbox/new.csv"));
  await start.saw(/"workflow":"inbox"/);
  await start.saw(/("workflow":"polled"[^]*){2}/);

  // What runs may end.
  start.kill("SIGTERM");
  expect(await start.ended).toMatchObject({ code: 0 });
  const runs = await runsOf(project);
  expect(runs.map(({ workflow, trigger, state }) => `${workflow} ${trigger} ${state}`).toSorted()).toEqual([
    "after run succeeded",
    "inbox event succeeded",
    "loads event succeeded",
    "next event succeeded",
    "orders event succeeded",
    "polled event succeeded",
    "polled event succeeded",
    "report asset succeeded",
  ]);
  const told = async (workflow: string) => {
    const { id } = runs.find((run) => run.workflow === workflow)!;
    const { stdout } = await tutti(["logs", id], { cwd: dir });
    return stdout;
  };
  expect(await told("inbox")).toContain(`file {"path":"inbox/new.csv","size":3,`);
  expect(await told("report")).toContain("customers,sales");

  const assets = async (...args: readonly string[]) => tutti(["assets", ...args], { cwd: dir });
  expect(JSON.parse((await assets("--json")).stdout)).toMatchObject([
    { name: "customers", state: "updated", makers: [{ workflow: "loads", task: "load" }], starts: ["report"] },
    {
      name: "sales",
      state: "fresh",
      owner: "data",
      last: { metadata: { rows: 3 }, task: "load", workflow: "loads" },
      findings: [{ check: "has rows", status: "warn", message: "3 rows" }],
    },
  ]);
  expect((await assets("show", "sales")).stdout).toMatch(
    /sales {2}fresh[^]*no older than 1 h[^]*has rows warn: 3 rows/,
  );
  expect((await assets("history", "sales")).stdout).toMatch(/loads \/ load .*\{"rows":3\}/);
  expect(await assets("show", "sale")).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('Did you mean "sales"?') as string,
  });
});

const WAITS = `
import { dag, task } from "tutti";
const order = task("order", async (_: void, ctx) => {
  ctx.log.info("begins");
  const paid = await ctx.waitForEvent("paid", { match: { order: "o-1" } });
  ctx.log.info("paid " + JSON.stringify(paid?.payload));
});
export default dag("order", {}, () => void order());
`;

test("a task that waits for an event outlives its process, and hears of what was emitted while none ran", async () => {
  const { dir } = tempProject({ "pipelines/order.ts": WAITS });
  const first = startTutti(["start"], { cwd: dir });
  await first.saw(/^Process/);
  const run = startTutti(["run", "order"], { cwd: dir });
  await run.saw(/waits for an event/);
  first.killGroup("SIGKILL");
  await first.ended;
  run.killGroup();
  await run.ended;
  for (const order of ["o-2", "o-1"]) await tutti(["emit", "paid", "--data", JSON.stringify({ order })], { cwd: dir });
  const second = startTutti(["start"], { cwd: dir });
  await second.saw(/^Process/);
  const states = async () => {
    const { stdout } = await tutti(["runs", "--json"], { cwd: dir });
    return (JSON.parse(stdout) as RunLine[]).map(({ state }) => state);
  };
  await expect.poll(states, { timeout: 20_000, interval: 300 }).toEqual(["succeeded"]);
});
