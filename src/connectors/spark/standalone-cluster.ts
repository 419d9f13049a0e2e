import { addresses, type SparkConnection } from "./spark-connection.ts";
import type { Asker, DriverLog, DriverState, DriverStatus, SparkCluster, Submission } from "./spark-cluster.ts";
import { SparkFailed, SparkUnreachable } from "./spark-errors.ts";
import { portsFrom, SUBMISSION_PROPERTY } from "./spark-ui.ts";
import { submitArguments } from "./submit-arguments.ts";
import { ask, askJson, type Asking, parsed } from "./web.ts";
import { logHead, WorkerLog } from "./worker-log.ts";

const REST_PORT = 6066;
const UI_PORT = 8080;
/** Nothing is known of a submission that was given up half-way, so a slow master is waited for. */
const POST_TIMEOUT_MS = 30_000;

/** Of Spark's REST submission server. */
interface Submitted {
  readonly success?: boolean;
  readonly message?: string;
  readonly submissionId?: string;
  readonly driverState?: string;
  readonly workerHostPort?: string;
  readonly workerId?: string;
}

/** Of the master's page, as JSON. */
interface MasterPage {
  readonly workers: readonly { readonly id: string; readonly webuiaddress: string }[];
  readonly activedrivers: readonly MasterDriver[];
  readonly completeddrivers: readonly MasterDriver[];
}

interface MasterDriver {
  readonly id: string;
  readonly state: string;
  readonly mainclass: string;
  readonly worker?: string;
}

const STATES: Readonly<Record<string, DriverState>> = {
  SUBMITTED: "waiting",
  RELAUNCHING: "waiting",
  RUNNING: "running",
  FINISHED: "succeeded",
  FAILED: "failed",
  ERROR: "failed",
  KILLED: "killed",
};

const ENDED: readonly string[] = ["FINISHED", "FAILED", "ERROR", "KILLED"];
const MAIN_CLASS = "org.apache.spark.deploy.SparkSubmit";

/** A driver that runs on a worker of a standalone cluster: handed to the master's REST submission server, which needs no Spark on our side. */
export class StandaloneCluster implements SparkCluster {
  readonly #connection: SparkConnection;
  readonly #rest: readonly string[];
  readonly #pages: readonly string[];

  constructor(connection: SparkConnection) {
    this.#connection = connection;
    this.#rest = addresses(connection.options.rest, connection.master, REST_PORT);
    this.#pages = addresses(connection.options.ui, connection.master, UI_PORT);
  }

  async submit(submission: Submission, { signal }: Asker): Promise<string> {
    const answer = await this.#ask("create", signal, this.#request(submission));
    if (answer.success === true && answer.submissionId !== undefined) return answer.submissionId;
    const reason = answer.message ?? "";
    throw new SparkFailed({ applicationId: null, submissionId: null }, "the master refused it", {
      stage: null,
      reason,
    });
  }

  /** A driver's log begins with the command that started it, and our key is in that. */
  async find(key: string, { signal }: Asker): Promise<string | null> {
    const { workers, activedrivers, completeddrivers } = await this.#page(signal);
    const ours = ({ mainclass }: MasterDriver): boolean => mainclass === MAIN_CLASS;
    const untold: string[] = [];
    for (const { id, worker, state } of [...activedrivers, ...completeddrivers].filter(ours)) {
      const address = workers.find((each) => each.id === worker)?.webuiaddress;
      const head = address === undefined ? "" : await logHead(address, id, signal);
      if (head.includes(`-D${SUBMISSION_PROPERTY}=${key}`)) return id;
      if (!head.includes("Launch Command") && STATES[state] !== undefined && !ENDED.includes(state)) untold.push(id);
    }
    if (untold.length === 0) return null;
    // Rather fail than start it twice.
    throw new SparkUnreachable(
      `An earlier attempt was stopped while it submitted. Whether ${untold.join(", ")} is what it submitted can't be told yet: the worker does not show how it was started.`,
    );
  }

  async status(id: string, uiPort: number, { signal }: Asker): Promise<DriverStatus> {
    const { driverState, workerHostPort, message = "" } = await this.#ask(`status/${encodeURIComponent(id)}`, signal);
    // Of a driver that it does not know, an active master says nothing more; one that is not active says so.
    if (driverState === undefined && message !== "")
      throw new SparkUnreachable(`The Spark master can't say: ${message}`);
    const host = workerHostPort?.replace(/:\d+$/, "");
    return {
      state: driverState === undefined ? "gone" : (STATES[driverState] ?? "waiting"),
      message:
        driverState === undefined
          ? "the master does not know it"
          : `the driver ended as ${driverState}${message && `: ${message}`}`,
      applicationId: null,
      ui: host === undefined ? [] : portsFrom(host, uiPort),
    };
  }

  async kill(id: string, { signal }: Asker): Promise<void> {
    await this.#ask(`kill/${encodeURIComponent(id)}`, signal, {});
  }

  log(id: string, fromEnd: boolean): DriverLog {
    const worker = async (signal: AbortSignal | null): Promise<string | null> => {
      const { workerId } = await this.#ask(`status/${encodeURIComponent(id)}`, signal);
      if (workerId === undefined) return null;
      return (await this.#page(signal)).workers.find((each) => each.id === workerId)?.webuiaddress ?? null;
    };
    return new WorkerLog(worker, id, fromEnd);
  }

  /**
   * What runs on the worker is Spark's own `spark-submit` in client mode: it fetches packages and remote files there, and it runs Python, which
   * the master by itself refuses in this mode. Its properties are given twice, because some must be set before the JVM starts.
   */
  #request({ key, spec, uiPort }: Submission): object {
    const conf = {
      ...spec.conf,
      "spark.ui.port": spec.conf["spark.ui.port"] ?? String(uiPort),
      [SUBMISSION_PROPERTY]: key,
    };
    return {
      action: "CreateSubmissionRequest",
      // The master takes any; 3.0 is the first that has all that is used here.
      clientSparkVersion: "3.0.0",
      appResource: "",
      mainClass: MAIN_CLASS,
      appArgs: submitArguments(spec, { master: this.#connection.master, deployMode: "client", conf }),
      environmentVariables: { SPARK_ENV_LOADED: "1", ...spec.env },
      sparkProperties: {
        ...conf,
        "spark.app.name": spec.name,
        "spark.master": this.#connection.master,
        "spark.submit.deployMode": "cluster",
      },
    };
  }

  /** Of several masters only the active one takes part; a standby refuses, and one that is down does not answer. */
  async #ask(path: string, signal: AbortSignal | null, body?: object): Promise<Submitted> {
    const asking: Asking = {
      signal,
      token: this.#connection.options.token,
      ...(body === undefined ? {} : { method: "POST", body, timeoutMs: POST_TIMEOUT_MS }),
    };
    let refusal: Submitted | null = null;
    let failure: unknown = null;
    for (const address of this.#rest) {
      try {
        const answer = parsed<Submitted>((await ask(`${address}/v1/submissions/${path}`, asking)).text);
        if (answer === undefined) throw this.#noServer(address);
        if (answer.success === true) return answer;
        refusal ??= answer;
      } catch (error) {
        if (!(error instanceof SparkUnreachable)) throw error;
        failure ??= error;
      }
    }
    if (refusal !== null) return refusal;
    throw failure;
  }

  async #page(signal: AbortSignal | null): Promise<MasterPage> {
    let failure: unknown = null;
    for (const address of this.#pages) {
      try {
        const page = await askJson<MasterPage & { status?: string }>(`${address}/json/`, { signal });
        if (page?.status === "ALIVE") return page;
        failure ??= new SparkUnreachable(`${address} is no active Spark master.`);
      } catch (error) {
        if (!(error instanceof SparkUnreachable)) throw error;
        failure ??= error;
      }
    }
    throw failure;
  }

  #noServer(address: string): SparkUnreachable {
    return new SparkUnreachable(
      `${address} is no REST submission server. Start the master with spark.master.rest.enabled=true, say where it is with ?rest=host:6066, or let the driver run here with ?deploy_mode=client.`,
    );
  }
}
