import { freePort, type Server, startServer } from "../../scripts/system-process.ts";

export interface MortalSpec {
  readonly command: string;
  readonly args: (port: number) => readonly string[];
  readonly ready: (port: number) => Promise<unknown>;
  readonly env?: Readonly<Record<string, string>>;
}

/** A server that a test kills and starts again at the same address, with what it had written. */
export class MortalServer {
  readonly port: number;
  readonly #spec: MortalSpec;
  #server: Server | null = null;

  private constructor(spec: MortalSpec, port: number) {
    this.#spec = spec;
    this.port = port;
  }

  static async start(spec: MortalSpec): Promise<MortalServer> {
    const server = new MortalServer(spec, await freePort());
    await server.up();
    return server;
  }

  async up(): Promise<void> {
    const { command, args, ready, env } = this.#spec;
    const { signal } = new AbortController();
    this.#server = await startServer(command, args(this.port), {
      signal,
      ready: () => ready(this.port),
      ...(env === undefined ? {} : { env }),
    });
  }

  /** SIGKILL to it and all it started. */
  async kill(): Promise<void> {
    await this.#server?.kill();
  }
}
