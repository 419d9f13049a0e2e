import { expect, test } from "vitest";
import { tempProject } from "../support/temp-project.ts";
import { startTutti, tutti } from "../support/tutti-process.ts";

const PIPELINE = `
import { dag, daily, task } from "tutti";
import { existsSync } from "node:fs";
const load = task("load", (_: void, ctx) => {
  if (ctx.date === "2025-01-03" && !existsSync(new URL("../mended.txt", import.meta.url))) throw new Error("no data");
  return ctx.runInfo.trigger + " " + ctx.runInfo.backfill;
});
const step = task("step", { dependsOnPast: true }, () => {});
export const days = dag("days", { schedule: daily({ at: "06:00", timezone: "Europe/London" }) }, () => void load());
export const chain = dag("chain", { schedule: "@daily" }, () => void step());
export const none = dag("none", {}, () => void load());
`;

interface Preview {
  readonly windows: readonly { readonly date: string; readonly action: string; readonly reason: string }[];
}
interface Shown {
  readonly id: string;
  readonly state: string;
  readonly counts: Readonly<Record<string, number>>;
}

test("a backfill runs what is missing, reprocesses what failed, and previews each window without writing anything", async () => {
  const project = tempProject({ "pipelines/days.ts": PIPELINE });
  const run = (...args: string[]) => tutti(["backfill", ...args], { cwd: project.dir });
  const week = ["days", "--from", "2025-01-01", "--to", "2025-01-04"];
  const preview = async (...args: string[]) =>
    (JSON.parse((await run(...week, "--dry-run", "--json", ...args)).stdout) as Preview).windows;

  const before = await preview("--order", "newest");
  expect(before.map(({ date }) => date)).toEqual(["2025-01-04", "2025-01-03", "2025-01-02", "2025-01-01"]);
  expect(before[0]).toEqual({
    date: "2025-01-04",
    start: "2025-01-04T00:00:00.000Z",
    end: "2025-01-05T00:00:00.000Z",
    action: "run",
    reason: "missing",
  });
  expect((await run("list")).stdout).toContain("No backfills");

  const first = await run(...week);
  expect(first).toMatchObject({
    code: 1,
    stdout: expect.stringMatching(/✗ failed {2}4 windows: 3 succeeded, 1 failed/),
  });
  expect((await preview()).map(({ action, reason }) => `${action} ${reason}`)).toEqual(
    Array(4).fill("skip already_exists"),
  );
  expect((await preview("--reprocess", "failed"))[2]).toMatchObject({ action: "run", reason: "failed" });

  project.write("mended.txt", "");
  const again = await run(...week, "--reprocess", "failed", "--json");
  expect(again.code).toBe(0);
  const { backfill } = JSON.parse(again.stdout) as { backfill: Shown };
  expect(backfill).toMatchObject({ state: "succeeded", counts: { succeeded: 1, skipped: 3, todo: 0 } });
  const runs = JSON.parse((await tutti(["runs", "--json"], { cwd: project.dir })).stdout) as {
    generation: number;
    trigger: string;
    date: string;
  }[];
  expect(runs.map(({ date, generation, trigger }) => `${date} ${generation} ${trigger}`).toSorted()).toEqual(
    ["01", "02", "03", "04"].map((day) => `2025-01-${day} ${day === "03" ? 2 : 1} backfill`),
  );
  expect(JSON.parse((await run("show", backfill.id, "--json")).stdout)).toEqual({ backfill });
});

test("what is asked for is recorded without anybody to do it, and can be paused and cancelled", async () => {
  const { dir } = tempProject({ "pipelines/days.ts": PIPELINE });
  const run = (...args: string[]) => tutti(["backfill", ...args], { cwd: dir });
  const asked = await run("days", "--partition", "2025-01-01..2025-01-02,2025-01-09", "--detach", "--json");
  const { backfill } = JSON.parse(asked.stdout) as { backfill: Shown & { partitions: unknown } };
  expect(backfill).toMatchObject({ state: "running", total: 3, counts: { todo: 3 } });
  expect(backfill.partitions).toEqual({ from: "2025-01-01", to: "2025-01-09" });
  expect(asked.stderr).toContain("Nobody works on the store now");
  expect((await run("pause", backfill.id)).stdout).toContain("paused");
  expect((await run("cancel", backfill.id)).stdout).toContain("cancelled");
  expect(await run("resume", backfill.id)).toMatchObject({
    code: 2,
    stderr: expect.stringContaining("BACKFILL_ENDED"),
  });
});

test("beside a process that works on the store it is handed over and followed to its end", async () => {
  const { dir } = tempProject({ "pipelines/days.ts": PIPELINE });
  const owner = startTutti(["start"], { cwd: dir });
  await owner.saw(/^Process/);
  const run = (...args: string[]) => tutti(["backfill", ...args], { cwd: dir });
  const followed = await run("chain", "--from", "2025-01-01", "--to", "2025-01-05", "--json");
  expect(followed.code).toBe(0);
  expect(JSON.parse(followed.stdout)).toMatchObject({ backfill: { state: "succeeded", counts: { succeeded: 5 } } });
  // Its third day fails, and holds up nothing.
  const asked = await run("days", "--from", "2025-01-01", "--to", "2025-01-04", "--max-active-runs", "1", "--json");
  expect([asked.code, JSON.parse(asked.stdout)]).toMatchObject([1, { backfill: { state: "failed" } }]);
  owner.kill("SIGTERM");
  expect(await owner.ended).toMatchObject({ code: 0 });
});

test.each([
  ["none --from 2025-01-01 --to 2025-01-02", "BACKFILL_EMPTY"],
  ["days --from 2025-01-01", "BAD_USAGE"],
  ["days", "BAD_USAGE"],
  ["chain --from 2025-01-01 --to 2025-01-02 --order newest", "BACKFILL_NEWEST_FIRST"],
  ["days --from 2025-01-01 --to 2425-01-02", "TOO_MANY_WINDOWS"],
  ["days --from 2025-01-01 --to 2025-01-02 --schedule other", "SCHEDULE_NOT_FOUND"],
])("tutti backfill %s is refused with %s", async (args, code) => {
  const { dir } = tempProject({ "pipelines/days.ts": PIPELINE });
  const refused = await tutti(["backfill", ...args.split(" ")], { cwd: dir });
  expect(refused).toMatchObject({ code: 2, stderr: expect.stringContaining(`[${code}]`) });
});

test("partitions of an asset are run once each, are told which they are, and are recorded as made", async () => {
  const pipeline = `
import { asset, dag, partitions, task } from "tutti";
const cut = partitions.multi({ day: partitions.daily({ start: "2025-01-01" }), region: partitions.static(["emea", "apac"]) });
const sales = asset("sales", { partitions: cut });
const load = task("load", { produces: sales }, (_: void, ctx) => ctx.date + " " + ctx.partition?.dimensions["region"]);
export const regions = dag("regions", {}, () => void load());
`;
  const { dir } = tempProject({ "pipelines/regions.ts": pipeline });
  const run = (...args: string[]) => tutti(args, { cwd: dir });
  const keys = ["--partition", "2025-01-01..2025-01-02|*", "--json"];
  const made = await run("backfill", "regions", ...keys);
  expect([made.code, JSON.parse(made.stdout)]).toMatchObject([
    0,
    { backfill: { state: "succeeded", total: 4, partitions: { from: "2025-01-01|emea", to: "2025-01-02|apac" } } },
  ]);
  const { windows } = JSON.parse((await run("backfill", "regions", ...keys, "--dry-run")).stdout) as {
    windows: { partition: string; date: string; reason: string }[];
  };
  expect(windows.map(({ partition, date, reason }) => `${partition} ${date} ${reason}`)).toEqual([
    "2025-01-01|emea 2025-01-01 already_exists",
    "2025-01-01|apac 2025-01-01 already_exists",
    "2025-01-02|emea 2025-01-02 already_exists",
    "2025-01-02|apac 2025-01-02 already_exists",
  ]);
  const history = JSON.parse((await run("assets", "history", "sales", "--json")).stdout) as { partition: string }[];
  expect(history.map(({ partition }) => partition).toSorted()).toEqual([
    "2025-01-01|apac",
    "2025-01-01|emea",
    "2025-01-02|apac",
    "2025-01-02|emea",
  ]);
});
