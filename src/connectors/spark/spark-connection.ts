import { parseDuration } from "../../core/duration.ts";
import { TuttiError } from "../../core/errors.ts";

/** Who starts the driver. */
export type Manager = "local" | "standalone" | "yarn" | "kubernetes";

/** What a connection's URL says: a Spark master, and behind the `?` how to speak with it. */
export interface SparkConnection {
  readonly name: string;
  /** As Spark takes it: `local[2]`, `spark://host:7077`, `yarn`, `k8s://https://host:6443`. */
  readonly master: string;
  readonly manager: Manager;
  /** `client`: the driver is a process beside the task. `cluster`: the manager runs it, and it survives us. */
  readonly deployMode: "client" | "cluster";
  /** Defaults for every job: the options that begin with `spark.`. */
  readonly conf: Readonly<Record<string, string>>;
  readonly options: Readonly<Partial<Record<Option, string>>>;
  /** How long a cluster that does not answer is waited for before the attempt fails. */
  readonly patienceMs: number;
}

/** By manager, what may stand behind the `?`. `rest` and `ui` may each hold several addresses, separated by commas. */
const OPTIONS = {
  local: ["spark_home", "java_home"],
  standalone: ["deploy_mode", "spark_home", "java_home", "rest", "ui", "token", "patience"],
  yarn: ["deploy_mode", "spark_home", "java_home", "resource_manager", "user", "patience"],
  kubernetes: ["deploy_mode", "spark_home", "java_home", "namespace", "token", "token_file", "ca_file", "patience"],
} as const satisfies Record<Manager, readonly string[]>;

export type Option = (typeof OPTIONS)[Manager][number];

const DEFAULT_PATIENCE_MS = 60_000;

/** @throws TuttiError `CONNECTION_URL_REFUSED`, without showing the URL, which may hold a token. */
export function sparkConnection(name: string, url: string): SparkConnection {
  const [, master = "", query = ""] = /^([^?]*)\??(.*)$/s.exec(url) ?? [];
  const manager = managerOf(master);
  if (manager === null)
    throw refused(
      name,
      'its URL is no Spark master. Write it like "local[2]", "spark://host:7077", "yarn" or "k8s://https://host:6443".',
    );
  const given = [...new URLSearchParams(query)];
  const known: readonly string[] = OPTIONS[manager];
  const unknown = given.find(([key]) => !key.startsWith("spark.") && !known.includes(key));
  if (unknown !== undefined)
    throw refused(name, `"${unknown[0]}" is no option of a ${manager} master. Known: ${known.join(", ")}, spark.….`);
  const options: SparkConnection["options"] = Object.fromEntries(given.filter(([key]) => known.includes(key)));
  const deployMode = options.deploy_mode ?? (manager === "local" ? "client" : "cluster");
  if (deployMode !== "client" && deployMode !== "cluster")
    throw refused(name, `deploy_mode is "${deployMode}"; it is "cluster" or "client".`);
  if (manager === "yarn" && deployMode === "cluster" && options.resource_manager === undefined)
    throw refused(name, "YARN is asked over HTTP: add ?resource_manager=http://host:8088, or deploy_mode=client.");
  return {
    name,
    master,
    manager,
    deployMode,
    conf: Object.fromEntries(given.filter(([key]) => key.startsWith("spark."))),
    options,
    patienceMs: options.patience === undefined ? DEFAULT_PATIENCE_MS : parseDuration(options.patience),
  };
}

/** The addresses of an option, or those that follow from the master's hosts. */
export function addresses(given: string | undefined, master: string, port: number): readonly string[] {
  if (given !== undefined) return given.split(",").map((address) => httpAddress(address.trim()));
  return master
    .replace(/^spark:\/\//, "")
    .split(",")
    .map((host) => `http://${host.trim().replace(/:\d+$/, "")}:${port}`);
}

export const httpAddress = (address: string): string =>
  (/^https?:\/\//.test(address) ? address : `http://${address}`).replace(/\/+$/, "");

function managerOf(master: string): Manager | null {
  if (/^local(-cluster)?(\[[^\]]+\])?$/.test(master)) return "local";
  if (/^spark:\/\/[^/]+$/.test(master)) return "standalone";
  if (master === "yarn") return "yarn";
  return /^k8s:\/\/.+$/.test(master) ? "kubernetes" : null;
}

const refused = (name: string, why: string): TuttiError =>
  new TuttiError("CONNECTION_URL_REFUSED", `Connection "${name}": ${why}`);
