import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freePort, type Server, startServer } from "../../scripts/system-process.ts";

/** For JVMs that live for seconds, on machines with two cores: drivers and executors inherit it from their worker. It halves their CPU time. */
const SHORT_LIVED = "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC";

export interface SparkPlace {
  /** SPARK_HOME. */
  readonly home: string;
  readonly python: string;
  readonly signal: AbortSignal;
}

/** A standalone cluster on this machine: a master, and a worker that can be killed and started again. */
export class StandaloneSpark {
  readonly ui: string;
  readonly #place: SparkPlace;
  readonly #ports: { readonly master: number; readonly rest: number; readonly ui: number };
  readonly #folder = mkdtempSync(join(tmpdir(), "tutti-spark-"));
  #master: Server | null = null;
  #worker: Server | null = null;

  private constructor(place: SparkPlace, ports: { master: number; rest: number; ui: number }) {
    this.#place = place;
    this.#ports = ports;
    this.ui = `http://127.0.0.1:${ports.ui}`;
  }

  static async start(place: SparkPlace): Promise<StandaloneSpark> {
    const [master, rest, ui] = await Promise.all([freePort(), freePort(), freePort()]);
    const spark = new StandaloneSpark(place, { master, rest, ui });
    await spark.startMaster();
    await spark.startWorker();
    return spark;
  }

  /** The URL of a connection to it, with all that a small machine needs. */
  get url(): string {
    const { rest } = this.#ports;
    const options = new URLSearchParams({
      rest: `127.0.0.1:${rest}`,
      ui: this.ui,
      spark_home: this.#place.home,
      "spark.pyspark.python": this.#place.python,
      "spark.driver.memory": "512m",
      "spark.executor.memory": "512m",
      "spark.cores.max": "1",
      "spark.executor.cores": "1",
      // For a handful of rows: no 200 parts, and no compiler for each query.
      "spark.sql.shuffle.partitions": "1",
      "spark.sql.codegen.wholeStage": "false",
    });
    return `${this.master}?${options.toString()}`;
  }

  get master(): string {
    return `spark://127.0.0.1:${this.#ports.master}`;
  }

  async startMaster(): Promise<void> {
    const { master, rest, ui } = this.#ports;
    this.#master = await this.#daemon("master.Master", ["--port", `${master}`, "--webui-port", `${ui}`], this.ui, {
      SPARK_MASTER_OPTS: `-Dspark.master.rest.enabled=true -Dspark.master.rest.host=127.0.0.1 -Dspark.master.rest.port=${rest}`,
    });
  }

  async startWorker(): Promise<void> {
    const ui = await freePort();
    const place = ["--webui-port", `${ui}`, "--work-dir", join(this.#folder, "work")];
    // Cores are what is promised, not what is there: a driver and an executor each take one.
    const size = ["--cores", "8", "--memory", "8g"];
    this.#worker = await this.#daemon("worker.Worker", [...place, ...size, this.master], `http://127.0.0.1:${ui}`, {});
  }

  /** SIGKILL to the worker and all drivers and executors on it. */
  async killWorker(): Promise<void> {
    await this.#worker?.kill();
  }

  async killMaster(): Promise<void> {
    await this.#master?.kill();
  }

  async stop(): Promise<void> {
    await this.#worker?.kill();
    await this.#master?.kill();
    rmSync(this.#folder, { recursive: true, force: true });
  }

  async #daemon(name: string, args: readonly string[], page: string, env: Record<string, string>): Promise<Server> {
    const { home, python, signal } = this.#place;
    return await startServer(
      join(home, "bin", "spark-class"),
      [`org.apache.spark.deploy.${name}`, "--host", "127.0.0.1", ...args],
      {
        signal,
        cwd: this.#folder,
        env: {
          SPARK_HOME: home,
          SPARK_LOCAL_IP: "127.0.0.1",
          SPARK_DAEMON_MEMORY: "256m",
          PYSPARK_PYTHON: python,
          // What a killed driver leaves behind goes with the folder.
          SPARK_LOCAL_DIRS: this.#folder,
          JAVA_TOOL_OPTIONS: `${SHORT_LIVED} -Djava.io.tmpdir=${this.#folder}`,
          ...env,
        },
        ready: async () => {
          const answer = await fetch(`${page}/json/`);
          if (!answer.ok) throw new Error(`${answer.status}`);
        },
      },
    );
  }
}
