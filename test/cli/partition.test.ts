import { expect, test } from "vitest";
import { tempProject } from "../support/temp-project.ts";
import { startTutti, tutti } from "../support/tutti-process.ts";

const PIPELINE = `
import { asset, dag, partitions, task } from "tutti";
const days = partitions.daily({ start: "2025-01-01" });
const sales = asset("sales", { partitions: partitions.multi({ day: days, region: partitions.static(["emea", "apac"]) }) });
const stock = asset("stock", { partitions: days });
const tell = (_: void, ctx) => ({ partition: ctx.partition, from: ctx.interval.start, to: ctx.interval.end, by: ctx.runInfo.trigger });
const load = task("load", { produces: sales }, tell);
const count = task("count", { produces: stock }, tell);
export const regions = dag("regions", {}, () => void load());
export const daily = dag("daily", { schedule: "@daily" }, () => void count());
export const plain = dag("plain", {}, () => void task("a", tell)());
`;

interface Ran {
  readonly run: { readonly id: string; readonly state: string; readonly partition?: string };
  readonly tasks: readonly { readonly output: { readonly partition: object | null } }[];
}

const KEY = "2025-01-02|emea";
const TOLD = {
  partition: { key: KEY, dimensions: { day: "2025-01-02", region: "emea" } },
  from: "2025-01-02T00:00:00.000Z",
  to: "2025-01-03T00:00:00.000Z",
  by: "manual",
};

test("a run by hand makes one partition, is told which, and a run like it makes the same", async () => {
  const { dir } = tempProject({ "pipelines/regions.ts": PIPELINE });
  const json = async <T>(...args: string[]) => JSON.parse((await tutti([...args, "--json"], { cwd: dir })).stdout) as T;
  const made = await json<Ran>("run", "regions", "--partition", "region=emea|day=2025-01-02");
  expect(made).toMatchObject({ run: { state: "succeeded", partition: KEY }, tasks: [{ output: TOLD }] });
  const again = await json<Ran>("rerun", made.run.id);
  expect(again).toMatchObject({ run: { partition: KEY }, tasks: [{ output: TOLD }] });
  // The windows of its schedule are its partitions, and a window is what its run has.
  const day = await json<Ran>("run", "daily", "--partition", "2025-01-02");
  expect(day.run.partition).toBeUndefined();
  expect(day.tasks).toMatchObject([{ output: { partition: null, from: TOLD.from, to: TOLD.to } }]);

  expect(await json("assets", "history", "sales")).toMatchObject([{ partition: KEY }, { partition: KEY }]);
  const ids = [again.run.id, made.run.id];
  expect(await json("runs", "--select", `partition:${KEY}`)).toMatchObject(ids.map((id) => ({ id, partition: KEY })));
  const shown = await tutti(["runs"], { cwd: dir });
  expect(shown.stdout).toMatch(/ regions +2025-01-02\|emea +manual /);
  expect(shown.stdout).toMatch(/ daily +2025-01-02 +manual /);
  const watched = await tutti(["run", "regions", "--partition", KEY], { cwd: dir });
  expect(watched.stdout).toMatch(/^regions 2025-01-02\|emea {2}/m);
  const graph = await tutti(["show", "regions"], { cwd: dir });
  expect(graph.stdout).toContain("makes sales by day|region");
  // A run by hand belongs to no window: what was never backfilled is missing still.
  const { windows } = await json<{ windows: object[] }>("backfill", "regions", "--partition", KEY, "--dry-run");
  expect(windows).toMatchObject([{ partition: KEY, action: "run", reason: "missing" }]);
});

test("through a server it is the same, and beside the process that owns the store", async () => {
  const project = tempProject({ "pipelines/regions.ts": PIPELINE });
  const elsewhere = tempProject();
  const started = startTutti(["start", "--port", "0"], { cwd: project.dir });
  const [, url = "", token = ""] = await started.saw(/Open (http:\/\/127\.0\.0\.1:\d+)\/auth\?token=(\S+)/);
  const away = {
    cwd: elsewhere.dir,
    env: { TUTTI_SERVER: url, TUTTI_TOKEN: token, XDG_CONFIG_HOME: elsewhere.path("config") },
  };
  const ran: string[] = [];
  for (const place of [away, { cwd: project.dir }]) {
    const { stdout } = await tutti(["run", "regions", "--partition", KEY, "--json"], place);
    const made = JSON.parse(stdout) as Ran;
    expect(made).toMatchObject({ run: { state: "succeeded", partition: KEY }, tasks: [{ output: TOLD }] });
    ran.push(made.run.id);
  }
  const again = JSON.parse((await tutti(["rerun", ran[0]!, "--json"], away)).stdout) as Ran;
  expect(again).toMatchObject({ run: { partition: KEY }, tasks: [{ output: TOLD }] });
  const listed = await tutti(["runs", "--select", `partition:"${KEY}"`, "--json"], away);
  expect(JSON.parse(listed.stdout)).toMatchObject(
    [again.run.id, ...ran.toReversed()].map((id) => ({ id, partition: KEY })),
  );
  expect(await tutti(["run", "plain", "--partition", "x"], away)).toMatchObject({
    code: 2,
    stderr: expect.stringContaining("[PARTITIONS_NONE]") as string,
  });
  started.kill("SIGTERM");
  await started.ended;
});

test.each([
  ["regions --partition mars|emea", "PARTITION_UNKNOWN"],
  ["regions --partition *|emea", "PARTITION_NOT_ONE"],
  ["regions --partition 2999-01-02|emea", "PARTITION_UNKNOWN"],
  ["plain --partition emea", "PARTITIONS_NONE"],
  ["daily --partition 2025-13-01", "BAD_DATE"],
  ["regions --partition 2025-01-02|emea --date 2025-01-02", "BAD_USAGE"],
])("tutti run %s is refused with %s, and nothing runs", async (args, code) => {
  const { dir } = tempProject({ "pipelines/regions.ts": PIPELINE });
  const refused = await tutti(["run", ...args.split(" ")], { cwd: dir });
  expect(refused).toMatchObject({ code: 2, stderr: expect.stringContaining(`[${code}]`) });
  expect((await tutti(["runs"], { cwd: dir })).stdout).toContain("No runs.");
});
