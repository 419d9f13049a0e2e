import { randomUUID } from "node:crypto";
import { createServer, type AddressInfo } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import type { Context } from "../../authoring/context.ts";
import { DriverWatch } from "./driver-watch.ts";
import type { SparkConnection } from "./spark-connection.ts";
import { SparkFailed } from "./spark-errors.ts";
import type { JobSpec, SparkRun } from "./spark-job.ts";
import { runSparkSubmit } from "./spark-program.ts";
import { portsFrom, SparkUi, SUBMISSION_PROPERTY } from "./spark-ui.ts";

const LOOK_EVERY_MS = 1_000;

/**
 * Runs the driver as a process beside the task: it ends when the task does, whoever ends that, and its executors end with it. So another attempt
 * finds nothing to attach to, and nothing that still runs.
 */
export async function runDriverHere(ctx: Context, connection: SparkConnection, spec: JobSpec): Promise<SparkRun> {
  const key = randomUUID();
  const uiPort = spec.conf["spark.ui.port"] ?? String(await freePort());
  const conf = { "spark.ui.port": uiPort, [SUBMISSION_PROPERTY]: key };
  const watch = new DriverWatch(ctx);
  const asker = { signal: ctx.signal, onLine: (line: string) => watch.line(line) };
  const ended = new AbortController();
  const looking = lookOn(watch, new SparkUi(portsFrom("127.0.0.1", Number(uiPort)), key), ended.signal);
  try {
    const end = await runSparkSubmit(ctx, connection, spec, { deployMode: "client", conf }, asker);
    const ids = { applicationId: watch.applicationId, submissionId: null };
    if (end.exitCode === 0) {
      watch.succeeded();
      return { ...ids, attached: false, jobs: watch.jobs };
    }
    const how =
      end.signal === null ? `the driver exited with code ${end.exitCode}` : `the driver was ended by ${end.signal}`;
    throw new SparkFailed(ids, how, watch.failure.found);
  } finally {
    ended.abort();
    watch.close();
    await looking;
  }
}

/** Until the driver has ended. */
async function lookOn(watch: DriverWatch, ui: SparkUi, ended: AbortSignal): Promise<void> {
  while (!ended.aborted) {
    watch.look(ui);
    await delay(LOOK_EVERY_MS, undefined, { signal: ended }).catch(() => {});
  }
}

/** Spark takes the one after it if somebody is faster. */
function freePort(): Promise<number> {
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  const probe = createServer().once("error", reject);
  probe.listen(0, () => {
    const { port } = probe.address() as AddressInfo;
    probe.close(() => resolve(port));
  });
  return promise;
}
