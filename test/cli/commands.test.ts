import { existsSync, mkdirSync, symlinkSync, utimesSync } from "node:fs";
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { expect, test } from "vitest";
import { tempProject } from "../support/temp-project.ts";
import { tutti } from "../support/tutti-process.ts";

const ROOT = join(import.meta.dirname, "..", "..");

const SALES = `
import { branch, dag, daily, firstOf, group, maybe, settled, task } from "tutti";

const read = task("read", { retries: 2 }, (_: void, ctx) => {
  ctx.log.info("reading", { day: ctx.date });
  return { rows: [3, 4], at: new Date(0), by: new Map([["a", 1]]), file: undefined };
});
const double = task("double", ({ row }: { row: number }) => row * 2);
const size = branch("size", ({ rows }: { rows: number[] }) => (rows.length > 10 ? "bulk" : "trickle"));
const bulk = task("bulk", ({ rows }: { rows: number[] }) => rows.length);
const trickle = task("trickle", ({ rows }: { rows: number[] }) => rows.length);
const report = task("report", ({ doubled, loaded }: { doubled: number[]; loaded: number }) => ({ doubled, loaded }));
const flaky = task("flaky", (_: void, ctx) => {
  console.log("generation " + ctx.runInfo.generation);
  if (ctx.runInfo.generation === 1) throw new TypeError("not yet");
  return "at last";
});
const after = task("after", ({ word }: { word: string }) => word);

export default dag("sales", { schedule: daily({ at: "06:00", timezone: "Europe/London" }), description: "Some sales" }, () => {
  const { rows } = read();
  const doubled = double.map({ row: rows });
  const arms = { bulk: bulk({ rows }), trickle: trickle({ rows }) };
  size({ rows }).to(arms);
  report({ doubled, loaded: firstOf(arms.bulk, arms.trickle) });
});
export const shaky = dag("shaky", {}, () => {
  group("stage", { retries: 0 }, () => after({ word: flaky() }));
});
`;

const project = () => tempProject({ "pipelines/sales.ts": SALES });

/** The run of a `run --json`. */
const document = (stdout: string) =>
  JSON.parse(stdout) as { run: Record<string, unknown>; tasks: Record<string, unknown>[] };

test("init makes a project that runs and whose test passes, and never writes over a file", async () => {
  const here = tempProject();
  const made = await tutti(["init", "shop"], { cwd: here.dir });
  expect(made).toMatchObject({ code: 0, stderr: "" });
  expect(made.stdout).toContain("cd shop && npm install && npx tutti run hello");
  const ran = await tutti(["run", "hello", "--date", "2025-08-12", "--json"], { cwd: here.path("shop") });
  expect(document(ran.stdout).tasks.map(({ name, state }) => [name, state])).toEqual([
    ["read_names", "succeeded"],
    ["greet", "succeeded"],
    ["announce", "succeeded"],
  ]);
  mkdirSync(here.path("shop/node_modules"));
  symlinkSync(ROOT, here.path("shop/node_modules/tutti"));
  const tested = spawnSync(process.execPath, ["--test"], { cwd: here.path("shop"), encoding: "utf8" });
  expect(tested.stdout).toMatch(/pass 2\n/);
  expect(tested.status).toBe(0);
  const again = await tutti(["init", "shop"], { cwd: here.dir });
  expect(again).toMatchObject({ code: 2, stdout: "" });
  expect(again.stderr).toMatch(/"package.json".*Nothing was written.*\[FILES_IN_THE_WAY\]/);
}, 60_000);

test("run, show, list, runs, logs, retry and prune, one after the other", async () => {
  const here = project();
  const run = await tutti(["run", "sales", "--date", "2025-08-12", "--json"], { cwd: here.dir });
  expect(run).toMatchObject({ code: 0, stderr: "" });
  const { run: sales, tasks } = document(run.stdout);
  expect(sales).toMatchObject({
    workflow: "sales",
    state: "succeeded",
    params: null,
    interval: { start: "2025-08-11T23:00:00.000Z", end: "2025-08-12T23:00:00.000Z" },
  });
  expect(tasks.map(({ name, mapIndex, state, attempts, output }) => [name, mapIndex, state, attempts, output])).toEqual(
    [
      ["read", null, "succeeded", 1, { rows: [3, 4], at: "1970-01-01T00:00:00.000Z", by: { a: 1 } }],
      ["double", 0, "succeeded", 1, 6],
      ["double", 1, "succeeded", 1, 8],
      ["bulk", null, "skipped", 0, undefined],
      ["trickle", null, "succeeded", 1, 2],
      ["size", null, "succeeded", 1, undefined],
      ["report", null, "succeeded", 1, { doubled: [6, 8], loaded: 2 }],
    ],
  );

  expect(tasks[5]).toMatchObject({ name: "size", arms: ["trickle"] });

  const shown = await tutti(["show", "sales"], { cwd: here.dir });
  expect(shown.stdout).toMatch(/●.* read .*2 retries/);
  expect(shown.stdout).toMatch(/double .*map over row = read.rows/);
  expect(shown.stdout).toMatch(/bulk .*arm "bulk" of size/);
  expect(shown.stdout).toMatch(/report .*first of bulk \| trickle/);
  expect(JSON.parse((await tutti(["show", "sales", "--json"], { cwd: here.dir })).stdout)).toMatchObject({
    name: "sales",
    manifest: { tasks: expect.any(Array) },
  });

  const failed = await tutti(["run", "shaky"], { cwd: here.dir });
  expect(failed.code).toBe(1);
  expect(failed.stdout).toMatch(
    /Task "flaky" failed: TypeError: not yet\n {2}at pipelines\/sales\.ts:\d+:\d+\n {2}its log: tutti logs \w{26} flaky/,
  );
  expect(failed.stdout).toMatch(/✗ failed in .*: 1 failed, 1 upstream_failed/);
  const [, shaky = ""] = /tutti retry (\w{26})/.exec(failed.stdout) ?? [];

  const listed = JSON.parse((await tutti(["list", "--json"], { cwd: here.dir })).stdout) as {
    name: string;
    lastRun: { state: string };
  }[];
  expect(listed.map(({ name, lastRun }) => [name, lastRun.state])).toEqual([
    ["sales", "succeeded"],
    ["shaky", "failed"],
  ]);
  const runs = await tutti(["runs", "--state", "failed", "--workflow", "shaky"], { cwd: here.dir });
  expect(runs.stdout).toContain(shaky);
  expect(runs.stdout).not.toContain(String(sales["id"]));

  const retried = await tutti(["retry", shaky.slice(0, -2)], { cwd: here.dir });
  expect(retried).toMatchObject({ code: 0 });
  expect(retried.stdout).toMatch(/✓ flaky/);
  const logs = await tutti(["logs", shaky, "flaky"], { cwd: here.dir });
  expect(logs.stdout).toMatch(/flaky generation 1\n.*flaky generation 2\n/);
  const [found, nothing] = await Promise.all(
    ["GENERATION 2", "no such words"].map((words) => tutti(["logs", shaky, "--grep", words], { cwd: here.dir })),
  );
  expect(found!.stdout).toMatch(/^[^\n]*flaky generation 2\n$/);
  expect(nothing).toMatchObject({
    code: 0,
    stdout: "",
    stderr: expect.stringMatching(/^No line of run .*"no such words"/),
  });
  const lines = (await tutti(["logs", String(sales["id"]), "--json"], { cwd: here.dir })).stdout
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as object);
  expect(lines).toMatchObject([
    { task: "read", attempt: 1, level: "info", message: "reading", fields: { day: "2025-08-12" } },
  ]);

  expect((await tutti(["prune", "--older-than", "1h", "--json"], { cwd: here.dir })).stdout).toContain(`"runs":0`);
  expect((await tutti(["prune", "--older-than", "0s", "--dry-run"], { cwd: here.dir })).stdout).toMatch(
    /^2 runs .* would go/,
  );
  expect(existsSync(here.path(`.tutti/logs/${shaky}`))).toBe(true);
  expect((await tutti(["prune", "--older-than", "0s"], { cwd: here.dir })).stdout).toMatch(/^Removed 2 runs/);
  expect(existsSync(here.path(`.tutti/logs/${shaky}`))).toBe(false);
  expect((await tutti(["runs", "--json"], { cwd: here.dir })).stdout).toBe("[]\n");
}, 60_000);

test("several dates run one after the other, a document each; one that fails does not stop the next", async () => {
  const { dir } = tempProject({
    "pipelines/days.ts": `import { dag, task } from "tutti";
      const day = task("day", (_: void, ctx) => { if (ctx.date === "2025-08-02") throw new Error("no such day"); return ctx.date; });
      export default dag("days", { schedule: "@daily" }, () => { day(); });`,
  });
  const { code, stdout, stderr } = await tutti(
    ["run", "days", "--from", "2025-08-01", "--to", "2025-08-03", "--json"],
    { cwd: dir },
  );
  expect(code).toBe(1);
  expect(
    stdout
      .trim()
      .split("\n")
      .map((line) => document(line).tasks[0]),
  ).toMatchObject([{ output: "2025-08-01" }, { error: { message: "no such day" } }, { output: "2025-08-03" }]);
  expect(stderr).toMatch(/1 of 3 dates did not succeed: 2025-08-02/);
});

test("params are typed by the input schema: texts as they are, the rest as JSON", async () => {
  const here = tempProject({
    "pipelines/asked.ts": `import { dag, task } from "tutti";
      import { z } from "zod";
      const echo = task("echo", ({ all }: { all: unknown }) => all);
      const params = z.object({ region: z.string().default("emea"), limit: z.number().int().default(1), tags: z.array(z.string()).default([]) });
      export default dag("asked", { params }, ({ params }) => { echo({ all: { region: params.region, limit: params.limit, tags: params.tags } }); });`,
  });
  mkdirSync(here.path("node_modules"));
  symlinkSync(join(ROOT, "node_modules", "zod"), here.path("node_modules/zod"));
  const given = await tutti(
    ["run", "asked", "--params", `{"limit": 7}`, "--param", "region=12", "--param", `tags=["a","b"]`, "--json"],
    { cwd: here.dir },
  );
  expect(document(given.stdout)).toMatchObject({
    run: { params: { region: "12", limit: 7, tags: ["a", "b"] } },
    tasks: [{ output: { region: "12", limit: 7, tags: ["a", "b"] } }],
  });
  const wrong = await tutti(["run", "asked", "--param", "limit=many"], { cwd: here.dir });
  expect(wrong).toMatchObject({ code: 2, stdout: "" });
  expect(wrong.stderr).toMatch(/^error: Param "limit" of workflow "asked" must be .*"many".*\[BAD_PARAM\]\n$/);
  const refused = await tutti(["run", "asked", "--param", "limit=1.5"], { cwd: here.dir });
  expect(refused).toMatchObject({ code: 2, stdout: "" });
  expect(refused.stderr).toMatch(/"asked".*"limit".*\[PARAMS_INVALID\]/);
});

test("every command explains itself; what is misspelt is answered with the nearest name, and status 2", async () => {
  const { dir } = tempProject();
  const [help, unknown, flag, missing] = await Promise.all([
    tutti(["run", "--help"], { cwd: dir }),
    tutti(["rnu"], { cwd: dir }),
    tutti(["runs", "--workflo", "a"], { cwd: dir }),
    tutti(["logs"], { cwd: dir }),
  ]);
  expect(help).toMatchObject({ code: 0, stderr: "" });
  expect(help.stdout).toMatch(/--from=.*EXAMPLES.*tutti run retail/s);
  expect(unknown).toMatchObject({
    code: 2,
    stdout: "",
    stderr: `error: There is no command "rnu". Did you mean "run"? Run: tutti --help [UNKNOWN_COMMAND]\n`,
  });
  expect(flag.stderr).toMatch(/no option "--workflo". Did you mean "--workflow"\?.*\[BAD_USAGE\]/);
  expect(missing).toMatchObject({ code: 2, stderr: expect.stringMatching(/needs a <run>/) as string });
});

test("artifacts and logs of ended runs go by age with prune; attempts without a result leave none", async () => {
  const here = tempProject({
    "pipelines/files.ts": `import { dag, task } from "tutti";
      const write = task("write", { retries: { limit: 1, delay: 0 } }, async (_: void, ctx) => {
        const file = await ctx.artifact("a.txt").write(new TextEncoder().encode("x"));
        if (ctx.attempt === 1) process.kill(process.pid, "SIGKILL");
        return file;
      });
      export default dag("files", {}, () => { write(); });`,
  });
  const { code, stdout } = await tutti(["run", "files", "--json"], { cwd: here.dir });
  expect(code).toBe(0);
  const { run, tasks } = document(stdout);
  expect(tasks[0]).toMatchObject({
    attempts: 2,
    output: { artifact: expect.stringMatching(/^artifact:/) as string, size: 1 },
  });
  const { artifact } = tasks[0]!["output"] as { artifact: string };
  const folder = here.path(`.tutti/artifacts/${String(run["id"])}`);
  expect(existsSync(join(folder, artifact.split("/")[1]!))).toBe(true);
  expect(spawnSync("ls", [folder], { encoding: "utf8" }).stdout.trim().split("\n")).toHaveLength(1);
  utimesSync(folder, 0, 0);
  expect((await tutti(["prune", "--older-than", "1h", "--json"], { cwd: here.dir })).stdout).toContain(`"artifacts":1`);
  expect(existsSync(folder)).toBe(false);
});
