import type { Context } from "../../authoring/context.ts";
import { KubernetesApi } from "./kubernetes-api.ts";
import type { Asker, DriverLog, DriverState, DriverStatus, SparkCluster, Submission } from "./spark-cluster.ts";
import type { SparkConnection } from "./spark-connection.ts";
import { SparkFailed } from "./spark-errors.ts";
import { runSparkSubmit } from "./spark-program.ts";
import { portsFrom, SUBMISSION_PROPERTY } from "./spark-ui.ts";

/** What we read of a pod. */
interface Pod {
  readonly metadata?: { readonly labels?: Readonly<Record<string, string>>; readonly deletionTimestamp?: string };
  readonly status?: {
    readonly phase?: string;
    readonly podIP?: string;
    readonly reason?: string;
    readonly message?: string;
    readonly containerStatuses?: readonly {
      readonly state?: { readonly terminated?: { readonly exitCode?: number; readonly reason?: string } };
    }[];
  };
}

const STATES: Readonly<Record<string, DriverState>> = {
  Running: "running",
  Succeeded: "succeeded",
  Failed: "failed",
};

const CONTAINER = "spark-kubernetes-driver";

/** A driver in a pod: submitted with `spark-submit` under a name of ours, then asked for at the API server. Its executors belong to the pod and go with it. */
export class KubernetesCluster implements SparkCluster {
  readonly #ctx: Context;
  readonly #connection: SparkConnection;
  readonly #api: KubernetesApi;

  constructor(ctx: Context, connection: SparkConnection) {
    this.#ctx = ctx;
    this.#connection = connection;
    this.#api = new KubernetesApi(connection);
  }

  async submit({ key, spec, uiPort }: Submission, asker: Asker): Promise<string> {
    const name = podOf(key);
    const conf = {
      "spark.kubernetes.submission.waitAppCompletion": "false",
      "spark.kubernetes.namespace": this.#api.namespace,
      // A name can be given once: a second submission with it is refused by the API server.
      "spark.kubernetes.driver.pod.name": name,
      "spark.ui.port": String(uiPort),
      [SUBMISSION_PROPERTY]: key,
      ...Object.fromEntries(
        Object.entries(spec.env).map(([env, value]) => [`spark.kubernetes.driverEnv.${env}`, value]),
      ),
    };
    const end = await runSparkSubmit(this.#ctx, this.#connection, spec, { deployMode: "cluster", conf }, asker);
    if ((await this.find(key, asker)) !== null) return name;
    throw new SparkFailed(
      { applicationId: null, submissionId: null },
      `spark-submit ended with ${end.exitCode ?? end.signal}, and there is no pod "${name}"`,
      { stage: null, reason: end.lastLines.join("\n") },
    );
  }

  async find(key: string, { signal }: Asker): Promise<string | null> {
    return (await this.#api.get<Pod>(`pods/${podOf(key)}`, signal)) === null ? null : podOf(key);
  }

  async status(id: string, uiPort: number, { signal }: Asker): Promise<DriverStatus> {
    const pod = await this.#api.get<Pod>(`pods/${id}`, signal);
    const { phase = "", podIP, reason, message } = pod?.status ?? {};
    const ended = pod?.status?.containerStatuses
      ?.map(({ state }) => state?.terminated)
      .find((state) => state !== undefined);
    const exit = ended === undefined ? null : `${ended.reason ?? "exit"} with code ${ended.exitCode}`;
    if (pod === null) return { state: "gone", message: `pod "${id}" is not there`, applicationId: null, ui: [] };
    return {
      state: pod.metadata?.deletionTimestamp !== undefined ? "killed" : (STATES[phase] ?? "waiting"),
      message: [`the pod is ${phase}`, exit, reason, message].filter(Boolean).join(": "),
      applicationId: pod.metadata?.labels?.["spark-app-selector"] ?? null,
      ui: phase === "Running" && podIP !== undefined ? portsFrom(podIP, uiPort).slice(0, 1) : [],
    };
  }

  async kill(id: string, { signal }: Asker): Promise<void> {
    await this.#api.delete(`pods/${id}?gracePeriodSeconds=3`, signal);
  }

  /** With its time before each line, which is how what came before is told from what is new. */
  log(id: string, fromEnd: boolean): DriverLog {
    let last = "";
    const read = async (_ended: boolean, signal: AbortSignal | null): Promise<readonly string[]> => {
      const since = last === "" ? (fromEnd ? "&tailLines=200" : "") : `&sinceTime=${encodeURIComponent(last)}`;
      const text = await this.#api.text(`pods/${id}/log?container=${CONTAINER}&timestamps=true${since}`, signal);
      const stamped = text.split("\n").flatMap((line): [string, string][] => {
        const at = line.indexOf(" ");
        return at === -1 ? [] : [[line.slice(0, at), line.slice(at + 1)]];
      });
      const fresh = stamped.filter(([time]) => time > last);
      last = fresh.at(-1)?.[0] ?? last;
      return fresh.map(([, line]) => line);
    };
    return { read };
  }
}

const podOf = (key: string): string => `tutti-${key}-driver`;
