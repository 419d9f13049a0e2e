import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { onTestFinished } from "vitest";

interface Driver {
  state: string;
  readonly properties: Readonly<Record<string, string>>;
  readonly args: readonly string[];
  stdout: string;
  stderr: string;
}

/** Speaks, on one port, as a standalone master, its REST submission server, a worker and the drivers on it do. */
export class StandaloneDouble {
  readonly drivers = new Map<string, Driver>();
  /** What the next create is answered with, in place of a driver. */
  refuse: string | null = null;
  /** The next create is carried out, and its answer does not arrive. */
  loseNextAnswer = false;
  /** The workers show no logs. */
  hideLogs = false;
  readonly #server = createServer((request, response) => void this.#answer(request, response));

  static async start(): Promise<StandaloneDouble> {
    const double = new StandaloneDouble();
    await double.listen(0);
    onTestFinished(() => double.close());
    return double;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  get url(): string {
    const here = `127.0.0.1:${this.port}`;
    return `spark://${here}?rest=${here}&ui=${here}&patience=2s`;
  }

  async listen(port: number): Promise<void> {
    await new Promise<void>((resolve) => this.#server.listen(port, "127.0.0.1", resolve));
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  driver(id = [...this.drivers.keys()].at(-1) ?? ""): Driver {
    const driver = this.drivers.get(id);
    if (driver === undefined) throw new Error(`There is no driver "${id}".`);
    return driver;
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? "/", "http://double");
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const body = Buffer.concat(chunks).toString();
    const answer = this.#say(url, body);
    if (this.loseNextAnswer) {
      this.loseNextAnswer = false;
      return void request.socket.destroy();
    }
    response.statusCode = answer === null ? 404 : 200;
    response.end(typeof answer === "string" ? answer : JSON.stringify(answer));
  }

  #say(url: URL, body: string): unknown {
    const [, rest, , verb, id = ""] = url.pathname.split("/");
    if (rest === "v1" && verb === "create") return this.#create(JSON.parse(body));
    const driver = this.drivers.get(id);
    if (rest === "v1" && verb === "kill" && driver?.state === "RUNNING") driver.state = "KILLED";
    if (rest === "v1" && verb === "kill") return { success: driver !== undefined };
    if (rest === "v1") return this.#status(id, driver);
    if (rest === "json") return this.#page();
    return rest === "log" ? this.#log(url.searchParams) : null;
  }

  #create({ sparkProperties, appArgs }: { sparkProperties: Record<string, string>; appArgs: string[] }): object {
    if (this.refuse !== null) return { success: false, message: this.refuse };
    const id = `driver-20261122211942-${String(this.drivers.size).padStart(4, "0")}`;
    const launch = Object.entries(sparkProperties).map(([key, value]) => `"-D${key}=${value}"`);
    const stderr = `Launch Command: "java" ${launch.join(" ")}\n`;
    this.drivers.set(id, { state: "RUNNING", properties: sparkProperties, args: appArgs, stdout: "", stderr });
    return { success: true, submissionId: id };
  }

  #status(submissionId: string, driver: Driver | undefined): object {
    if (driver === undefined) return { success: false, submissionId };
    return {
      success: true,
      submissionId,
      driverState: driver.state,
      workerHostPort: "127.0.0.1:1",
      workerId: "worker-1",
    };
  }

  #page(): object {
    const mainclass = "org.apache.spark.deploy.SparkSubmit";
    const drivers = [...this.drivers].map(([id, { state }]) => ({ id, state, mainclass, worker: "worker-1" }));
    const workers = [{ id: "worker-1", webuiaddress: `http://127.0.0.1:${this.port}` }];
    return { status: "ALIVE", workers, activedrivers: drivers, completeddrivers: [] };
  }

  #log(query: URLSearchParams): string | null {
    const driver = this.drivers.get(query.get("driverId") ?? "");
    if (driver === undefined || this.hideLogs) return null;
    const text = driver[query.get("logType") as "stdout" | "stderr"];
    const length = Number(query.get("byteLength"));
    const from = Math.min(text.length, Number(query.get("offset") ?? Math.max(0, text.length - length)));
    const to = Math.min(text.length, from + length);
    return `==== Bytes ${from}-${to} of ${text.length} of /work/x ====\n${text.slice(from, to)}`;
  }
}
