import type { Context } from "../../authoring/context.ts";
import type { Asker, DriverLog, DriverState, DriverStatus, SparkCluster, Submission } from "./spark-cluster.ts";
import { httpAddress, type SparkConnection } from "./spark-connection.ts";
import { SparkFailed, SparkUnreachable } from "./spark-errors.ts";
import { SUBMISSION_PROPERTY } from "./spark-ui.ts";
import { runSparkSubmit } from "./spark-program.ts";
import { askJson, ask } from "./web.ts";

/** Of the resource manager's REST API. */
interface YarnApp {
  readonly id: string;
  readonly state: string;
  readonly finalStatus: string;
  readonly diagnostics?: string;
  readonly trackingUrl?: string;
  readonly amContainerLogs?: string;
}

const STATES: Readonly<Record<string, DriverState>> = {
  RUNNING: "running",
  FINISHED: "succeeded",
  FAILED: "failed",
  KILLED: "killed",
};

/** A driver in YARN's application master: submitted with `spark-submit`, then asked for at the resource manager. */
export class YarnCluster implements SparkCluster {
  readonly #ctx: Context;
  readonly #connection: SparkConnection;
  readonly #api: string;

  constructor(ctx: Context, connection: SparkConnection) {
    this.#ctx = ctx;
    this.#connection = connection;
    this.#api = `${httpAddress(connection.options.resource_manager ?? "")}/ws/v1/cluster`;
  }

  async submit({ key, spec }: Submission, asker: Asker): Promise<string> {
    const tags = [spec.conf["spark.yarn.tags"], tagOf(key)].filter((tag) => tag !== undefined).join(",");
    const conf = {
      "spark.yarn.submit.waitAppCompletion": "false",
      "spark.yarn.tags": tags,
      [SUBMISSION_PROPERTY]: key,
    };
    const end = await runSparkSubmit(this.#ctx, this.#connection, spec, { deployMode: "cluster", conf }, asker);
    const id = await this.find(key, asker);
    if (id !== null) return id;
    throw new SparkFailed(
      { applicationId: null, submissionId: null },
      `spark-submit ended with ${end.exitCode ?? end.signal}, and YARN has no application of it`,
      { stage: null, reason: end.lastLines.join("\n") },
    );
  }

  async find(key: string, { signal }: Asker): Promise<string | null> {
    const found = await askJson<{ apps: { app: YarnApp[] } | null }>(this.#url(`apps?applicationTags=${tagOf(key)}`), {
      signal,
    });
    return found?.apps?.app[0]?.id ?? null;
  }

  async status(id: string, _uiPort: number, { signal }: Asker): Promise<DriverStatus> {
    const app = await this.#app(id, signal);
    if (app === null)
      return { state: "gone", message: "the resource manager does not know it", applicationId: null, ui: [] };
    const { state, finalStatus, diagnostics = "", trackingUrl } = app;
    // An application master that ended says how with its final status.
    const how = state === "FINISHED" && finalStatus !== "SUCCEEDED" ? finalStatus : state;
    return {
      state: STATES[how] ?? "waiting",
      message: [`YARN says ${how}`, diagnostics.trim()].filter(Boolean).join(": "),
      applicationId: id,
      ui: state === "RUNNING" && trackingUrl ? [httpAddress(trackingUrl)] : [],
    };
  }

  async kill(id: string, { signal }: Asker): Promise<void> {
    const url = this.#url(`apps/${encodeURIComponent(id)}/state`);
    const { status, text } = await ask(url, { method: "PUT", body: { state: "KILLED" }, signal });
    // 202: it will be. 403 also of one that has ended; its state says so next.
    if (status >= 400 && status !== 403 && status !== 404)
      throw new SparkUnreachable(`The resource manager did not take the kill (${status}): ${text.slice(0, 200)}`);
  }

  /** Once, at the end: a node manager gives a container's whole file and no part of it. */
  log(id: string): DriverLog {
    const read = async (ended: boolean, signal: AbortSignal | null): Promise<readonly string[]> => {
      if (!ended) return [];
      const container = (await this.#app(id, signal).catch(() => null))?.amContainerLogs;
      const [, node, name] = /^(https?:\/\/[^/]+)\/node\/containerlogs\/([^/]+)/.exec(container ?? "") ?? [];
      if (node === undefined) return [];
      const files = ["stdout", "stderr"].map((file) =>
        ask(`${node}/ws/v1/node/containers/${name}/logs/${file}`, { signal }).then(
          ({ status, text }) => (status === 200 ? text.split("\n").slice(0, -1) : []),
          () => [],
        ),
      );
      return (await Promise.all(files)).flat();
    };
    return { read };
  }

  async #app(id: string, signal: AbortSignal | null): Promise<YarnApp | null> {
    return (await askJson<{ app: YarnApp }>(this.#url(`apps/${encodeURIComponent(id)}`), { signal }))?.app ?? null;
  }

  #url(path: string): string {
    const { user } = this.#connection.options;
    if (user === undefined) return `${this.#api}/${path}`;
    return `${this.#api}/${path}${path.includes("?") ? "&" : "?"}user.name=${encodeURIComponent(user)}`;
  }
}

const tagOf = (key: string): string => `tutti-${key}`;
