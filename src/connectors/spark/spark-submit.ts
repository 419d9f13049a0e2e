import { connection } from "../../authoring/connection.ts";
import type { Context } from "../../authoring/context.ts";
import { TuttiError } from "../../core/errors.ts";
import { clusterOf } from "./cluster-of.ts";
import { ClusterDriver } from "./cluster-driver.ts";
import { runDriverHere } from "./driver-here.ts";
import { type SparkConnection, sparkConnection } from "./spark-connection.ts";
import { jobSpec, type SparkJob, type SparkRun } from "./spark-job.ts";

/**
 * Submits an application and waits for its end. Its log becomes the task's log, its jobs and stages the task's progress; when the task is cancelled
 * or times out, it is killed on the cluster.
 *
 * @throws SparkFailed `SPARK_STAGE_FAILED` with the stage's own error, `SPARK_FAILED` when the driver itself fails. SparkUnreachable
 * `SPARK_UNREACHABLE`. SparkLost `SPARK_LOST`. SparkMissing `SPARK_NOT_FOUND`. TuttiError `BAD_SPARK_JOB`.
 */
export type SparkSubmit = (ctx: Context, job: SparkJob) => Promise<SparkRun>;

/**
 * Declares the Spark connection `name` and gives what submits applications to it. Its URL is a Spark master: `local[2]`, `spark://host:7077`,
 * `yarn?resource_manager=http://host:8088`, `k8s://https://host:6443`, with Spark properties for all jobs behind the `?`.
 *
 * Where the cluster runs the driver (all but `local` and `deploy_mode=client`) the application survives a restart of Tutti: its id is kept in
 * `ctx.state`, and an attempt that finds one watches it. A driver that runs beside the task ends with it, and the next attempt begins anew.
 *
 * @example
 * const submit = sparkSubmit("cluster"); // TUTTI_CONNECTION_CLUSTER=spark://master:7077?spark.executor.memory=2g
 *
 * const transform = task("transform", { retries: 2, timeout: "2h" }, async ({ input }: { input: string }, ctx) => {
 *   const output = `s3a://lake/daily/${ctx.date}`;
 *   await submit(ctx, { application: "jobs/daily.py", args: [input, output] });
 *   return output;
 * });
 */
export function sparkSubmit(name: string): SparkSubmit {
  const declared = connection(name);
  return async (ctx, job) => {
    ctx.signal.throwIfAborted();
    const given = declared.resolve();
    if (typeof given === "string") return await submit(ctx, sparkConnection(name, given), job);
    const fake = given as { submit?: (job: SparkJob, ctx: Context) => SparkRun | Promise<SparkRun> } | null;
    if (typeof fake?.submit === "function") return await fake.submit(job, ctx);
    throw new TuttiError(
      "FAKE_INCOMPLETE",
      `The fake for connection "${name}" has no method "submit", which the task calls. Give it { submit: async (job) => ({ applicationId: null, submissionId: null, attached: false, jobs: 0 }) }.`,
    );
  };
}

async function submit(ctx: Context, connection: SparkConnection, job: SparkJob): Promise<SparkRun> {
  const spec = jobSpec(job, connection, `${ctx.workflow.name}.${ctx.task}`);
  if (connection.deployMode === "client") return await runDriverHere(ctx, connection, spec);
  return await new ClusterDriver(ctx, connection, clusterOf(ctx, connection)).run(spec);
}
