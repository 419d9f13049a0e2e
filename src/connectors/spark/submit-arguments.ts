import type { JobSpec } from "./spark-job.ts";

/** Where and how it is submitted. */
export interface Submitting {
  readonly master: string;
  readonly deployMode: "client" | "cluster";
  /** Properties of ours, which win over the job's. */
  readonly conf: Readonly<Record<string, string>>;
}

/** The command line of `spark-submit`, without the program itself. */
export function submitArguments(spec: JobSpec, { master, deployMode, conf }: Submitting): string[] {
  const properties = Object.entries({ ...spec.conf, ...conf });
  return [
    "--master",
    master,
    "--deploy-mode",
    deployMode,
    "--name",
    spec.name,
    ...(spec.mainClass === null ? [] : ["--class", spec.mainClass]),
    ...listed("--py-files", spec.pyFiles),
    ...listed("--jars", spec.jars),
    ...listed("--packages", spec.packages),
    ...listed("--files", spec.files),
    ...properties.flatMap(([key, value]) => ["--conf", `${key}=${value}`]),
    spec.application,
    ...spec.args,
  ];
}

const listed = (option: string, values: readonly string[]): string[] =>
  values.length === 0 ? [] : [option, values.join(",")];
