import { createHash } from "node:crypto";
import { resolve } from "node:path";
import { knownOptions } from "../../authoring/known-options.ts";
import type { SparkConnection } from "./spark-connection.ts";
import { badJob } from "./spark-errors.ts";

/** An application to be submitted, as `spark-submit` takes it. */
export interface SparkJob {
  /**
   * The application: a Python file, a jar or an R file; a path, or a URL that Spark can read. A relative path is seen from the project's folder;
   * in cluster mode it must be there for the cluster, too.
   */
  readonly application: string;
  /** What the application is given. Default: nothing. */
  readonly args?: readonly (string | number)[];
  /** The class with `main`, of a jar. Default: what the jar's manifest says. */
  readonly mainClass?: string;
  /** What Spark's pages call it. Default: the workflow's and the task's name. */
  readonly name?: string;
  /** Spark properties, over those of the connection: `{ "spark.executor.memory": "2g" }`. Default: none. */
  readonly conf?: Readonly<Record<string, string | number | boolean>>;
  /** Python files and archives beside the application. Default: none. */
  readonly pyFiles?: readonly string[];
  /** Jars for driver and executors. Default: none. */
  readonly jars?: readonly string[];
  /** Maven coordinates that Spark fetches: `org.postgresql:postgresql:42.7.8`. Default: none. */
  readonly packages?: readonly string[];
  /** Files for the working directory of each executor. Default: none. */
  readonly files?: readonly string[];
  /** Environment variables of the driver, over those of the task. Default: none. */
  readonly env?: Readonly<Record<string, string>>;
}

/** An application that has ended well. */
export interface SparkRun {
  /** Under which Spark's pages show it, `app-…`; `null` when it was never learned. */
  readonly applicationId: string | null;
  /** What the cluster manager calls the driver; `null` when the driver ran beside the task. */
  readonly submissionId: string | null;
  /** An earlier attempt had submitted it, and this one watched it to its end. */
  readonly attached: boolean;
  /** Spark jobs that were seen, in the driver's log or through its REST API. */
  readonly jobs: number;
}

/** A job with nothing left open. */
export interface JobSpec {
  readonly application: string;
  readonly args: readonly string[];
  readonly mainClass: string | null;
  readonly name: string;
  readonly conf: Readonly<Record<string, string>>;
  readonly pyFiles: readonly string[];
  readonly jars: readonly string[];
  readonly packages: readonly string[];
  readonly files: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

const KNOWN = [
  "application",
  "args",
  "mainClass",
  "name",
  "conf",
  "pyFiles",
  "jars",
  "packages",
  "files",
  "env",
] as const satisfies readonly (keyof SparkJob)[];

/** @throws TuttiError `BAD_SPARK_JOB`, `UNKNOWN_OPTION`. */
export function jobSpec(job: SparkJob, connection: SparkConnection, name: string): JobSpec {
  const what = `A job of Spark connection "${connection.name}"`;
  knownOptions(job, KNOWN, what);
  const application = text(job.application, `${what}: "application"`);
  return {
    application: place(application),
    args: texts(job.args, `${what}: "args"`),
    mainClass: job.mainClass === undefined ? null : text(job.mainClass, `${what}: "mainClass"`),
    name: job.name === undefined ? name : text(job.name, `${what}: "name"`),
    conf: { ...connection.conf, ...properties(job.conf ?? {}, what) },
    pyFiles: texts(job.pyFiles, `${what}: "pyFiles"`).map(place),
    jars: texts(job.jars, `${what}: "jars"`).map(place),
    packages: texts(job.packages, `${what}: "packages"`),
    files: texts(job.files, `${what}: "files"`).map(place),
    env: { ...job.env },
  };
}

/** What makes two submissions the same one. A hash: arguments may hold secrets. */
export const fingerprint = (spec: JobSpec, master: string): string =>
  createHash("sha256")
    .update(JSON.stringify([master, spec]))
    .digest("hex")
    .slice(0, 32);

// A URL stays; `local:/opt/job.py` is Spark's word for a file of the cluster's image.
const place = (file: string): string => (/^[a-z][a-z0-9+.-]*:/i.test(file) ? file : resolve(file));

function properties(conf: object, what: string): Record<string, string> {
  const entries = Object.entries(conf).map(([key, value]: [string, unknown]) => {
    if (!key.startsWith("spark."))
      throw badJob(`${what}: "conf" has "${key}"; Spark takes only names that begin with "spark.".`);
    if (!["string", "number", "boolean"].includes(typeof value))
      throw badJob(`${what}: "conf" must give "${key}" a text, a number or true or false.`);
    return [key, String(value)] as const;
  });
  return Object.fromEntries(entries);
}

function texts(list: unknown, what: string): string[] {
  if (list === undefined) return [];
  if (!Array.isArray(list)) throw badJob(`${what} must be a list.`);
  return list.map((item: unknown, at) => text(typeof item === "number" ? String(item) : item, `${what}[${at}]`, true));
}

function text(value: unknown, what: string, mayBeEmpty = false): string {
  if (typeof value !== "string" || (!mayBeEmpty && value === "")) throw badJob(`${what} must be a text.`);
  if (value.includes("\0")) throw badJob(`${what} holds a zero byte.`);
  return value;
}
