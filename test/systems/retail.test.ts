import { cpSync, existsSync, mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { sql } from "tutti/sql";
import { runTask, runWorkflow } from "tutti/testing";
import { task } from "tutti";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import retail from "../../examples/retail/pipelines/retail.ts";
import seed from "../../examples/retail/pipelines/seed.ts";
import { type Amounts, total } from "../../examples/retail/sales.ts";
import { RetailSystems } from "../support/retail-systems.ts";
import { SparkPage } from "../support/spark-page.ts";
import { startTutti, tutti, type TuttiProcess } from "../support/tutti-process.ts";
import { started } from "./started.ts";

const spark = started("spark");
const others = ["postgres", "s3", "snowflake", "smtp", "webhook"].map(started);
const missing = spark === null || others.includes(null);

const ROOT = join(import.meta.dirname, "..", "..");
const warehouse = sql("warehouse");

interface Day {
  readonly lines: number;
  readonly sales: number;
  readonly quantity: number;
}

/** What the embedded run of the same pipeline makes of a day. */
async function embedded(folder: string, date: string): Promise<Day> {
  const connections = {
    orders: `duckdb:${folder}/orders.duckdb`,
    warehouse: `duckdb:${folder}/warehouse.duckdb`,
    files: "duckdb::memory:",
  };
  if (!existsSync(`${folder}/orders.duckdb`))
    expect((await runWorkflow(seed, { connections })).state).toBe("succeeded");
  const run = await runWorkflow(retail, { date, connections });
  expect(run.state).toBe("succeeded");
  return await totalOf(date, connections.warehouse);
}

/** Added up here: the server with Snowflake's protocol adds decimals as doubles. */
async function totalOf(date: string, url: string): Promise<Day> {
  const read = task(
    "read",
    () => warehouse.query<Amounts>`select lines, sales, quantity, profit from daily_sales where day = ${date}`,
  );
  const { lines, sales, quantity } = total(
    (await runTask(read, undefined, { connections: { warehouse: url } })).output,
  );
  return { lines, sales, quantity };
}

describe.skipIf(missing)("the retail pipeline on its production systems", () => {
  const folder = mkdtempSync(join(tmpdir(), "tutti-retail-"));
  const project = join(folder, "retail");
  let systems: RetailSystems;

  beforeAll(async () => {
    cpSync(join(ROOT, "examples", "retail"), project, {
      recursive: true,
      filter: (path) => !/\/(data|\.tutti)$|\.test\.ts$/.test(path),
    });
    symlinkSync(join(ROOT, "node_modules"), join(folder, "node_modules"));
    systems = await RetailSystems.start({ home: spark!["home"]!, python: spark!["python"]! });
    const connections = { orders: systems.env["TUTTI_CONNECTION_ORDERS"], files: "duckdb::memory:" };
    expect((await runWorkflow(seed, { connections })).tasks).toMatchObject({
      seed_orders: { output: { lines: 9_994, days: 1_237, sales: 2_297_200.8603 } },
    });
  });
  afterAll(async () => {
    await systems?.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  /** The extract is done, and a Spark application begins with it. */
  const sparkRuns = () =>
    expect
      .poll(async () => (await SparkPage.read(systems.spark.ui)).active.length, { timeout: 240_000, interval: 200 })
      .toBeGreaterThan(0);
  const back = async (server: { up(): Promise<void> }): Promise<void> => server.up();

  /** What is killed while the run of a day goes on, and how it comes back. */
  const kills: Record<string, { name: string; kill: (run: TuttiProcess) => Promise<void>; heal: () => Promise<void> }> =
    {
      "2017-12-24": {
        name: "PostgreSQL",
        kill: () => systems.postgres.crash(3_000),
        heal: async () => {},
      },
      "2017-12-25": {
        name: "the Spark worker",
        kill: async () => {
          await sparkRuns();
          await systems.spark.killWorker();
          await systems.spark.startWorker();
        },
        heal: async () => {},
      },
      "2017-12-26": { name: "the object store", kill: () => systems.s3.kill(), heal: () => back(systems.s3) },
      "2017-12-27": {
        name: "Snowflake",
        kill: async () => {
          await sparkRuns();
          await systems.snowflake.kill();
        },
        heal: () => back(systems.snowflake),
      },
      "2017-12-28": {
        name: "Slack",
        kill: async () => {
          await sparkRuns();
          await systems.slack.kill();
        },
        heal: () => back(systems.slack),
      },
      "2017-12-29": {
        name: "the mail server",
        kill: async () => {
          await sparkRuns();
          await systems.smtp.kill();
        },
        heal: () => back(systems.smtp),
      },
      "2017-12-30": {
        name: "Tutti itself",
        kill: async (run) => {
          await sparkRuns();
          run.killGroup("SIGKILL");
        },
        heal: async () => {},
      },
    };

  test.each(Object.entries(kills))(
    "%s: a system is killed on the way, and the totals are those of the embedded run",
    { timeout: 900_000 },
    async (date, { name, kill, heal }) => {
      const options = { cwd: project, env: systems.env };
      const mailsBefore = systems.mails();
      const run = startTutti(["run", "retail", "--date", date, "--json"], options);
      await kill(run);
      const ended = await run.ended;
      await heal();
      const messagesBefore =
        name === "Slack" ? 0 : (await systems.slackMessages()).filter((body) => body.includes(date)).length;
      // Where the pipeline's own retries were enough, there is nothing to do.
      if (ended.code !== 0) {
        const [{ id }] = JSON.parse((await tutti(["runs", "--json"], options)).stdout) as [{ readonly id: string }];
        const again = await tutti([name === "Tutti itself" ? "resume" : "retry", id, "--json"], options);
        expect(again.code, again.stderr + again.stdout).toBe(0);
      }

      const expected = await embedded(folder, date);
      expect(await totalOf(date, systems.env["TUTTI_CONNECTION_WAREHOUSE"]!)).toEqual(expected);
      if (date === "2017-12-25") expect(expected).toEqual({ lines: 23, sales: 2698.927, quantity: 87 });
      expect(systems.mails() - mailsBefore).toBe(1);
      expect((await systems.slackMessages()).filter((body) => body.includes(date))).toHaveLength(1);
      expect(messagesBefore).toBeLessThanOrEqual(1);
    },
  );
});
