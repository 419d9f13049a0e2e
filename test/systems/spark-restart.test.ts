import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { SparkPage } from "../support/spark-page.ts";
import { StandaloneSpark } from "../support/standalone-spark.ts";
import { tempProject, type TempProject } from "../support/temp-project.ts";
import { startTutti, tutti } from "../support/tutti-process.ts";
import { started } from "./started.ts";

const spark = started("spark");
const SQUARES = join(import.meta.dirname, "spark-jobs", "squares.py");

const PIPELINE = `
import { dag, task } from "tutti";
import { sparkSubmit } from "tutti/spark";

const submit = sparkSubmit("cluster");
const transform = task("transform", { retries: 1 }, (_: void, ctx) =>
  submit(ctx, { application: ${JSON.stringify(SQUARES)}, args: [20, 1] }));

export default dag("daily", {}, () => void transform());
`;

/** A cluster of its own: others would miss what is killed here. */
let cluster: StandaloneSpark;
beforeAll(async () => {
  if (spark === null) return;
  const { signal } = new AbortController();
  cluster = await StandaloneSpark.start({ home: spark["home"]!, python: spark["python"]!, signal });
});
afterAll(() => cluster?.stop());

const drivers = async () => (await SparkPage.read(cluster.ui)).drivers;
/** An application that is about to begin its work. */
const applicationRuns = () =>
  expect.poll(async () => (await SparkPage.read(cluster.ui)).active.length, { timeout: 90_000, interval: 100 }).toBe(1);

function project(): TempProject & { readonly env: Record<string, string> } {
  return { ...tempProject({ "pipelines/daily.ts": PIPELINE }), env: { TUTTI_CONNECTION_CLUSTER: cluster.url } };
}

describe.skipIf(spark === null)("a Spark application", () => {
  test("survives the death of Tutti: it is watched on, and not started twice", async () => {
    const before = (await drivers()).length;
    const { dir, env } = project();
    const owner = startTutti(["run", "daily", "--json"], { cwd: dir, env });
    await applicationRuns();
    owner.killGroup("SIGKILL");
    await owner.ended;

    const resumed = await tutti(["resume", "--json"], { cwd: dir, env });

    expect(resumed.code, resumed.stderr).toBe(0);
    expect(resumed.stdout).toMatch(/"attached":\s*true/);
    const mine = (await drivers()).slice(before);
    expect(mine).toEqual([expect.objectContaining({ state: "FINISHED" })]);
  });

  test("is killed by tutti cancel", async () => {
    const before = (await drivers()).length;
    const { dir, env } = project();
    const owner = startTutti(["run", "daily", "--json"], { cwd: dir, env });
    await applicationRuns();
    const [run] = JSON.parse((await tutti(["runs", "--json"], { cwd: dir, env })).stdout) as { readonly id: string }[];
    const cancelledAt = performance.now();
    expect((await tutti(["cancel", run!.id], { cwd: dir, env })).code).toBe(0);
    await owner.ended;

    expect((await drivers()).slice(before)).toEqual([expect.objectContaining({ state: "KILLED" })]);
    await expect.poll(async () => (await SparkPage.read(cluster.ui)).active, { timeout: 10_000 }).toEqual([]);
    expect(performance.now() - cancelledAt).toBeLessThan(10_000);
  });

  test("whose worker dies fails its attempt, and the retry ends well", async () => {
    const before = (await drivers()).length;
    const { dir, env } = project();
    const owner = startTutti(["run", "daily", "--json"], { cwd: dir, env });
    await applicationRuns();
    await cluster.killWorker();
    await cluster.startWorker();
    const ended = await owner.ended;

    expect(ended.code, ended.stderr).toBe(0);
    const states = (await drivers()).slice(before).map(({ state }) => state);
    expect(states).toEqual([expect.stringMatching(/ERROR|FAILED/), "FINISHED"]);
  });

  test("outlasts a master that is away for a moment", async () => {
    const { dir, env } = project();
    const owner = startTutti(["run", "daily", "--json"], { cwd: dir, env });
    await applicationRuns();
    await cluster.killMaster();
    await cluster.startMaster();
    const ended = await owner.ended;

    // Without recovery the new master knows nothing of the driver and has its worker end it: the attempt is lost, the retry is not.
    expect(ended.code, ended.stderr).toBe(0);
    expect(await drivers()).toEqual([expect.objectContaining({ state: "FINISHED" })]);
  });
});
