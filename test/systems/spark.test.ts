import { join } from "node:path";
import { type Context, task } from "tutti";
import { SparkFailed, sparkSubmit, type SparkJob, type SparkRun } from "tutti/spark";
import { runTask } from "tutti/testing";
import { describe, expect, test } from "vitest";
import { freePort } from "../../scripts/system-process.ts";
import { started } from "./started.ts";
import { pageProject } from "../support/page-project.ts";
import { SparkPage } from "../support/spark-page.ts";
import { tutti } from "../support/tutti-process.ts";

const spark = started("spark");
const JOBS = join(import.meta.dirname, "spark-jobs");
const squares = (...args: (string | number)[]): SparkJob => ({ application: join(JOBS, "squares.py"), args });

const submit = sparkSubmit("cluster");
type Told = Parameters<Context["progress"]>;

interface Submitting {
  readonly state?: Context["state"];
  readonly url?: string;
  readonly signal?: AbortSignal;
  readonly onProgress?: (...told: Told) => void;
}

/** One attempt at a task that submits `job`. */
async function attempt(job: SparkJob, { url, signal, state, onProgress }: Submitting = {}) {
  const told: Told[] = [];
  const progress = (...args: Told): void => {
    told.push(args);
    onProgress?.(...args);
  };
  const transform = task("transform", async (_: void, ctx): Promise<SparkRun> => {
    if (state) Object.defineProperty(ctx, "state", { value: state });
    return await submit(Object.defineProperty(ctx, "progress", { value: progress }), job);
  });
  const result = await runTask(transform, undefined, {
    connections: { cluster: url ?? spark!["url"] },
    ...(signal ? { signal } : {}),
  });
  return { run: result.output, told, lines: result.logs.map(({ message }) => message) };
}

const nothingRuns = () =>
  expect.poll(async () => (await SparkPage.read(spark!["ui"]!)).active, { timeout: 10_000, interval: 200 }).toEqual([]);

describe.skipIf(spark === null)("a standalone cluster that runs the driver", () => {
  test("an application's output is the task's log, its jobs and stages the task's progress", async () => {
    const { run, told, lines } = await attempt(squares(8, 1));

    expect(run).toMatchObject({ attached: false, submissionId: expect.stringMatching(/^driver-/), jobs: 2 });
    expect(run.applicationId).toMatch(/^app-/);
    expect(lines).toContain("sum of squares: 140");
    expect(lines).toContainEqual(expect.stringContaining("Running Spark version"));
    expect(told.at(-1)).toEqual([16, 16, "2 of 2 jobs done"]);
    expect(told).toContainEqual([expect.any(Number), 16, expect.stringMatching(/^job 1: sum at .*; stage 1: \d\/8$/)]);
  });

  test("a stage that fails is the task's error", async () => {
    const error = await attempt(squares(8, 0, 5)).catch((thrown: unknown) => thrown);

    expect(error).toBeInstanceOf(SparkFailed);
    expect(error).toMatchObject({
      code: "SPARK_STAGE_FAILED",
      message: expect.stringMatching(/^Spark application "app-\d+-\d+" failed in stage 1 \(sum at .*squares.py:\d+\)/),
      stage: { id: 1, reason: expect.stringContaining("ValueError: number 5 is bad") },
    });
  });

  test("a driver that fails is the task's error", async () => {
    await expect(attempt({ application: join(JOBS, "broken.py") })).rejects.toMatchObject({
      code: "SPARK_FAILED",
      message: expect.stringContaining("KeyError: 'no such setting'"),
      stage: null,
    });
    await expect(attempt({ application: join(JOBS, "nowhere.py") })).rejects.toMatchObject({
      code: "SPARK_FAILED",
      message: expect.stringContaining("nowhere.py"),
    });
  });

  test("a cancelled task kills its application on the cluster within ten seconds", async () => {
    const cancel = new AbortController();
    let cancelledAt = 0;
    const onProgress = (): void => {
      if (cancel.signal.aborted) return;
      cancelledAt = performance.now();
      cancel.abort();
    };
    const before = new Set((await SparkPage.read(spark!["ui"]!)).drivers.map(({ id }) => id));

    await expect(attempt(squares(60, 1), { signal: cancel.signal, onProgress })).rejects.toMatchObject({
      code: "CANCELLED",
    });

    const page = await SparkPage.read(spark!["ui"]!);
    const [driver] = page.drivers.filter(({ id }) => !before.has(id));
    expect(driver).toMatchObject({ state: "KILLED" });
    await nothingRuns();
    expect(performance.now() - cancelledAt).toBeLessThan(10_000);
  });

  test("an attempt that was stopped while it handed the application over finds it again", async () => {
    const drawer = new Map<string, unknown>();
    const state = (durable: (value: unknown) => boolean): Context["state"] => ({
      get: async <T>(key: string) => drawer.get(key) as T | undefined,
      set: async (key, value) => {
        if (!durable(value)) throw new Error("the worker was killed here");
        drawer.set(key, value);
      },
      update: async () => expect.fail("nobody updates"),
    });
    const before = (await SparkPage.read(spark!["ui"]!)).drivers.length;
    const withoutId = (value: unknown) => (value as { id: unknown } | undefined)?.id === null;
    await expect(attempt(squares(4, 0.5), { state: state(withoutId) })).rejects.toThrow("the worker was killed here");

    const { run } = await attempt(squares(4, 0.5), { state: state(() => true) });

    expect(run).toMatchObject({ attached: true, submissionId: expect.stringMatching(/^driver-/) });
    expect((await SparkPage.read(spark!["ui"]!)).drivers.length).toBe(before + 1);
  });

  test("a master that does not answer is waited for, and then said", async () => {
    const nobody = `127.0.0.1:${await freePort()}`;
    const url = `spark://${nobody}?rest=${nobody}&patience=1s`;
    await expect(attempt(squares(1, 0), { url })).rejects.toMatchObject({
      code: "SPARK_UNREACHABLE",
      message: `http://${nobody} does not answer: ECONNREFUSED.`,
    });
  });
});

describe.skipIf(spark === null)("a driver beside the task", () => {
  const here = (master: string) => `${master}?spark_home=${spark!["home"]}&spark.pyspark.python=${spark!["python"]}`;

  test("runs, and is watched the same", async () => {
    const { run, told, lines } = await attempt(squares(6, 2), { url: here("local[2]") });

    expect(run).toMatchObject({
      attached: false,
      submissionId: null,
      jobs: 2,
      applicationId: expect.stringMatching(/^local-/),
    });
    expect(lines).toContain("sum of squares: 55");
    expect(told.length).toBeGreaterThan(0);
  });

  test("a stage that fails is the task's error", async () => {
    await expect(attempt(squares(4, 0, 3), { url: here("local[2]") })).rejects.toMatchObject({
      code: "SPARK_STAGE_FAILED",
      stage: { reason: expect.stringContaining("ValueError: number 3 is bad") },
    });
  });

  test("a cancelled task ends it on the cluster, too", async () => {
    const cancel = new AbortController();
    const url = `${here(new URL(spark!["url"]!).href.split("?")[0]!)}&deploy_mode=client&spark.cores.max=1`;
    await expect(
      attempt(squares(60, 1), { url, signal: cancel.signal, onProgress: () => cancel.abort() }),
    ).rejects.toMatchObject({
      code: "CANCELLED",
    });
    await nothingRuns();
  });

  test("says where to get Spark when it is not there", async () => {
    await expect(attempt(squares(1, 0), { url: "local[1]?spark_home=/nowhere" })).rejects.toMatchObject({
      code: "SPARK_NOT_FOUND",
      message: expect.stringContaining("pip install pyspark"),
    });
  });
});

test.skipIf(spark === null)("the pipeline on the page of Spark", async () => {
  const sales = "region,sold\nemea,3\napac,4\nemea,5\n";
  const project = pageProject("docs/connectors/spark.md", { "lake/sales.csv": sales });
  const run = await tutti(["run", "daily", "--date", "2025-08-12"], {
    cwd: project.dir,
    env: { TUTTI_CONNECTION_CLUSTER: spark!["url"] },
  });
  expect(run.code, run.stdout + run.stderr).toBe(0);
  expect(project.read("lake/totals-2025-08-12.csv")).toBe("apac,4\nemea,8\n");
});
