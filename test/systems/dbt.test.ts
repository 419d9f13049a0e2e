import { existsSync, readdirSync } from "node:fs";
import { tmpdir } from "node:os";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { dag, task } from "tutti";
import { dbt } from "tutti/dbt";
import { fakeContext, runTask } from "tutti/testing";
import { tempProject } from "../support/temp-project.ts";
import { startTutti } from "../support/tutti-process.ts";
import { started } from "./started.ts";

const system = started("dbt");

const PROJECT = {
  "dbt_project.yml": `name: shop\nversion: "1.0"\nprofile: shop\nmodels:\n  shop:\n    +materialized: table\n`,
  "profiles.yml": `shop:
  target: dev
  outputs:
    dev: { type: duckdb, path: "{{ env_var('SHOP_DB') }}", threads: 2 }
`,
  "seeds/sales.csv": "sku,sold,day\na,1,2025-08-12\nb,2,2025-08-12\nc,4,2025-08-13\n",
  "models/daily.sql": `select day, sum(sold) as sold from {{ ref('sales') }} where day = '{{ var("day") }}' group by day\n`,
  "models/schema.yml": `models:
  - name: daily
    columns:
      - name: sold
        data_tests: [not_null]
`,
};

describe.skipIf(system === null)("dbt", () => {
  const { venv = "" } = system ?? {};
  const shop = (files: Record<string, string> = {}) => {
    const project = tempProject({ ...PROJECT, ...files });
    const env = { SHOP_DB: project.path("shop.duckdb") };
    return { project, dbt: dbt({ project: project.dir, venv, env }) };
  };
  const left = (): string[] => readdirSync(tmpdir()).filter((name) => name.startsWith("tutti-dbt-"));
  // Of this file alone: others build dbt projects at the same time.
  beforeEach(() => void vi.stubEnv("TMPDIR", tempProject().dir));
  afterEach(() => void vi.unstubAllEnvs());

  test("a build is a task: its nodes, its log with its levels, its progress, its files", async () => {
    const { project, dbt: calls } = shop();
    const steps: string[] = [];
    const ctx = fakeContext({ progress: (done, total) => void steps.push(`${done}/${total}`) });
    const result = await calls.build(ctx, { vars: { day: "2025-08-12" } });
    expect(result.counts).toEqual({ success: 2, pass: 1 });
    expect(result.nodes.map(({ id, kind, status }) => [id, kind, status])).toEqual([
      ["seed.shop.sales", "seed", "success"],
      ["model.shop.daily", "model", "success"],
      [expect.stringMatching(/^test\.shop\.not_null_daily_sold\./), "test", "pass"],
    ]);
    expect(result.nodes[1]).toMatchObject({ relation: '"shop"."main"."daily"' });
    expect(steps).toEqual(["1/3", "2/3", "3/3"]);
    const said = ctx.logs.map(({ level, message }) => `${level}: ${message}`);
    expect(said).toContainEqual(expect.stringMatching(/^info: 2 of 3 OK created sql table model main\.daily/));
    expect(said.join("\n")).not.toContain("\u001b");
    // Nothing of an invocation stays in the project, so that others may run beside it.
    expect(existsSync(project.path("target"))).toBe(false);
    expect(left()).toEqual([]);
  });

  test("what it writes can be kept, and its nodes cross to the next task", async () => {
    const { dbt: calls } = shop();
    const build = task("build", (_: void, ctx) =>
      calls.build(ctx, {
        select: "daily",
        exclude: "test_type:data",
        vars: { day: ctx.date },
        keep: ["manifest.json"],
      }),
    );
    const seed = task("seed", (_: void, ctx) => calls.seed(ctx));
    expect((await runTask(seed, undefined)).output.nodes).toMatchObject([{ id: "seed.shop.sales", rowsAffected: 3 }]);
    const { output } = await runTask(build, undefined, { date: "2025-08-13" });
    expect(output.nodes.map(({ id }) => id)).toEqual(["model.shop.daily"]);
    expect(await output.artifacts["manifest.json"]!.json()).toHaveProperty("nodes");
  });

  test("two tasks build one project at once", async () => {
    const { project, dbt: first } = shop();
    const second = dbt({ project: project.dir, venv, env: { SHOP_DB: project.path("other.duckdb") } });
    const days = ["2025-08-12", "2025-08-13"];
    const [one, two] = await Promise.all([
      first.build(fakeContext(), { vars: { day: days[0] } }),
      second.build(fakeContext(), { vars: { day: days[1] } }),
    ]);
    expect([one.counts, two.counts]).toEqual([
      { success: 2, pass: 1 },
      { success: 2, pass: 1 },
    ]);
  });

  test("a test that fails is the task's error, by its name, with what it found", async () => {
    const { dbt: calls } = shop({ "tests/none_sold.sql": "select * from {{ ref('daily') }} where sold > 0\n" });
    const failing = calls.build(fakeContext(), { vars: { day: "2025-08-12" } });
    await expect(failing).rejects.toMatchObject({
      code: "DBT_FAILED",
      exitCode: 1,
      message: expect.stringMatching(/^dbt build exited with code 1\.\n {2}test\.shop\.none_sold: fail: Got 1 result/),
      failed: [{ id: "test.shop.none_sold", failures: 1 }],
    });
  });

  test("a model that the database refuses is the task's error, with what the database says", async () => {
    const { dbt: calls } = shop({ "models/broken.sql": "select nope from {{ ref('sales') }}\n" });
    const failing = calls.build(fakeContext(), { vars: { day: "2025-08-12" } });
    await expect(failing).rejects.toThrow(/model\.shop\.broken: error: .*nope/);
  });

  test.each([
    ["a variable that profiles want", {}, { SHOP_DB: undefined }, /Env var required but not provided: 'SHOP_DB'/],
    ["a model that is no SQL template", { "models/bad.sql": "{{ ref( }}" }, {}, /exited with code 2.*bad/s],
  ])("%s is told in dbt's words", async (_, files, env, said) => {
    const project = tempProject({ ...PROJECT, ...files });
    const calls = dbt({ project: project.dir, venv, env: { SHOP_DB: "shop.duckdb", ...env } });
    const failing = calls.build(fakeContext(), { vars: { day: "2025-08-12" } });
    await expect(failing).rejects.toMatchObject({
      code: "DBT_FAILED",
      exitCode: 2,
      failed: [],
      message: expect.stringMatching(said),
    });
  });

  test("cancelled, it ends with all it started, within seconds", async () => {
    const { dbt: calls } = shop({
      // Longer than any test; DuckDB is interrupted by dbt.
      "models/slow.sql": "select count(*) as n from range(10000000000) a, range(1000) b\n",
    });
    const stop = new AbortController();
    const ctx = fakeContext({ signal: stop.signal });
    const log = {
      ...ctx.log,
      info: (message: string) => /START.*slow/.test(message) && stop.abort(new Error("cancelled")),
    };
    const running = calls.run(fakeContext({ signal: stop.signal, log }), { select: "slow" });
    await expect(running).rejects.toThrow("cancelled");
    expect(left()).toEqual([]);
  });

  test("in a run of the shipped command line", async () => {
    const project = tempProject({
      ...Object.fromEntries(Object.entries(PROJECT).map(([file, text]) => [`shop/${file}`, text])),
      "pipelines/shop.ts": `
        import { dag, task } from "tutti";
        import { dbt } from "tutti/dbt";
        import { writeFileSync } from "node:fs";
        const shop = dbt({ project: "shop", venv: ${JSON.stringify(venv)}, env: { SHOP_DB: "shop.duckdb" } });
        const build = task("build", (_: void, ctx) => shop.build(ctx, { vars: { day: ctx.date } }));
        const count = task("count", ({ counts }: { counts: Readonly<Record<string, number>> }) => writeFileSync("counts.json", JSON.stringify(counts)));
        export default dag("shop", { schedule: "@daily" }, () => void count({ counts: build().counts }));`,
    });
    const run = await startTutti(["run", "shop", "--date", "2025-08-12"], { cwd: project.dir }).ended;
    expect(run.code, run.stdout + run.stderr).toBe(0);
    expect(JSON.parse(project.read("counts.json"))).toEqual({ success: 2, pass: 1 });
  });
});

test("a workflow with a dbt project is built without dbt", () => {
  const shop = dbt({ project: "nowhere" });
  const build = task("build", (_: void, ctx) => shop.build(ctx));
  expect(dag("shop", {}, () => void build()).name).toBe("shop");
});
