import { Worker } from "node:worker_threads";
import { TuttiError } from "../core/errors.ts";
import { moduleAt } from "../core/package-place.ts";
import type { ServeOptions, Serving } from "./serve.ts";
import type { LoadProblem } from "./server-context.ts";
import type { FromServer, ServerData, ToServer } from "./server-messages.ts";

/** A server that is closing may end what it is answering. */
const CLOSE_MS = 2_000;

/**
 * A server in a thread of this process. It reads on connections of its own, and asks for work as any other process does, so an
 * engine beside it is never held up by who looks at it.
 */
export class ServerThread implements Serving {
  readonly url: string;
  readonly entry: string;
  readonly #worker: Worker;
  readonly #ended: Promise<void>;

  private constructor(worker: Worker, ended: Promise<void>, url: string, entry: string) {
    this.#worker = worker;
    this.#ended = ended;
    this.url = url;
    this.entry = entry;
  }

  /** @throws TuttiError as `serve` */
  static async start({ config, command, notice }: ServeOptions): Promise<ServerThread> {
    // Without what prints it masked, which no thread can be given.
    const data = { config: { ...config }, command } satisfies ServerData;
    const worker = new Worker(moduleAt("server/server-child"), {
      workerData: data,
      // The command's own switches, such as a debugger's port, are not the thread's.
      execArgv: process.execArgv.filter((arg) => !arg.startsWith("--inspect")),
    });
    const ended = new Promise<void>((resolve) => worker.once("exit", () => resolve()));
    const said = await new Promise<FromServer & { kind: "listening" | "failed" }>((resolve, reject) => {
      worker.on("message", (message: FromServer) => {
        if (message.kind === "notice") notice(message.text);
        else resolve(message);
      });
      worker.once("error", (error) => {
        notice(`The server has ended by a mistake in Tutti itself: ${(error as Error).message}`);
        reject(error);
      });
    });
    if (said.kind === "failed") {
      await ended;
      throw new TuttiError(said.code, said.message);
    }
    return new ServerThread(worker, ended, said.url, said.entry);
  }

  setLoadProblems(problems: readonly LoadProblem[]): void {
    this.#worker.postMessage({ kind: "problems", problems } satisfies ToServer);
  }

  async close(): Promise<void> {
    this.#worker.postMessage({ kind: "close" } satisfies ToServer);
    const late = setTimeout(() => void this.#worker.terminate(), CLOSE_MS);
    await this.#ended;
    clearTimeout(late);
  }
}
