import { join } from "node:path";
import type { Context } from "../../authoring/context.ts";
import { commandEnvironment } from "../shell/command-environment.ts";
import { findExecutable } from "../shell/find-executable.ts";
import { type ProcessEnd, runProcess } from "../shell/run-process.ts";
import type { Asker } from "./spark-cluster.ts";
import type { SparkConnection } from "./spark-connection.ts";
import { SparkMissing } from "./spark-errors.ts";
import type { JobSpec } from "./spark-job.ts";
import { submitArguments, type Submitting } from "./submit-arguments.ts";

/** `spark-submit` on this machine, and what it is run with. */
interface SparkProgram {
  readonly file: string;
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
}

/** How one run of it ended, and its last lines, for when it failed. */
export interface SubmitEnd extends ProcessEnd {
  readonly lastLines: readonly string[];
}

const LINE_LENGTH = 16_000;
const LAST_LINES = 20;

/** Runs `spark-submit` to its end. @throws SparkMissing `SPARK_NOT_FOUND`. The signal's reason. */
export async function runSparkSubmit(
  ctx: Context,
  connection: SparkConnection,
  spec: JobSpec,
  submitting: Pick<Submitting, "deployMode" | "conf">,
  { signal, onLine }: Asker,
): Promise<SubmitEnd> {
  const program = await sparkProgram(ctx, connection, spec.env);
  const lastLines: string[] = [];
  const end = await runProcess({
    ...program,
    args: submitArguments(spec, { master: connection.master, ...submitting }),
    signal: signal ?? new AbortController().signal,
    lineLength: LINE_LENGTH,
    onLine: (line) => {
      lastLines.push(line);
      if (lastLines.length > LAST_LINES) lastLines.shift();
      onLine(line);
    },
  });
  return { ...end, lastLines };
}

async function sparkProgram(
  ctx: Context,
  connection: SparkConnection,
  added: Readonly<Record<string, string>>,
): Promise<SparkProgram> {
  const { spark_home: sparkHome, java_home: javaHome } = connection.options;
  const env = commandEnvironment(ctx, {
    ...(sparkHome === undefined ? {} : { SPARK_HOME: sparkHome }),
    ...(javaHome === undefined ? {} : { JAVA_HOME: javaHome }),
    ...added,
  });
  const cwd = process.cwd();
  const name = sparkHome === undefined ? "spark-submit" : join(sparkHome, "bin", "spark-submit");
  const file = await findExecutable(name, { cwd, path: env["PATH"] }).catch((error: unknown) => {
    throw new SparkMissing(connection.name, error);
  });
  return { file, cwd, env };
}
