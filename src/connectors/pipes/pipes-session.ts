import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { deflateSync } from "node:zlib";
import type { Context } from "../../authoring/context.ts";
import { readableLine } from "../shell/readable-line.ts";
import { MessageFile } from "./message-file.ts";
import { pipesContext, type PipesOptions } from "./pipes-context.ts";
import { PipesLog, type PipesReports } from "./pipes-log.ts";
import { isPipesLine, NoMessage, type PipesException, readPipesMessage } from "./pipes-message.ts";

export interface OpenPipesOptions extends PipesOptions {
  /** How the process sends its messages: into a file on this machine, or as lines of a stream that are passed to `take`. Default: `"file"`. */
  readonly messages?: "file" | "stdout" | "stderr";
}

/** One process and its Dagster Pipes client, from before it starts until after it has ended. */
export interface PipesSession {
  /** The variables that its client looks for. */
  readonly env: Readonly<Record<string, string>>;
  /** The same as arguments, for launchers that pass on no environment. */
  readonly args: readonly string[];
  /** Whether messages are lines of the process's output, for `take`. */
  readonly inOutput: boolean;
  /** A line of the stream that carries messages. `false`: it is none, and an ordinary line of output. */
  take(line: string): boolean;
  /** Once the process has ended: reads what is left, and takes the files away. A second call gives the same. */
  close(): Promise<PipesEnd>;
}

/** How a session ended. */
export interface PipesEnd {
  /** Whether a client was there at all. */
  readonly opened: boolean;
  readonly reports: PipesReports;
  /** What the client said ended it; its process's exit code decides whether it failed. */
  readonly exception: PipesException | null;
}

/** Of a variable or argument; Linux takes 128 KiB. */
const LONGEST_INLINE = 64 * 1024;
const SHOWN = 200;

/**
 * Prepares for a process with a Dagster Pipes client, in any language, that is started by other means than `command` or `python`: in a
 * container, on a cluster. What it logs is in the task's log, what it reports is in what `close` gives.
 *
 * @example
 * const train = task("train", async (_: void, ctx) => {
 *   const pipes = await openPipes(ctx, { extras: { epochs: 3 }, messages: "stdout" });
 *   try {
 *     for await (const line of startPod({ env: pipes.env })) if (!pipes.take(line)) ctx.log.info(line);
 *   } finally {
 *     await pipes.close();
 *   }
 * });
 */
export async function openPipes(ctx: Context, options: OpenPipesOptions = {}): Promise<PipesSession> {
  const folder = await mkdtemp(join(tmpdir(), "tutti-pipes-"));
  try {
    const session = new LocalSession(ctx, folder, options.messages ?? "file");
    await session.open(pipesContext(ctx, options));
    return session;
  } catch (error) {
    await rm(folder, { recursive: true, force: true });
    throw error;
  }
}

class LocalSession implements PipesSession {
  readonly #ctx: Context;
  readonly #folder: string;
  readonly #messages: "file" | "stdout" | "stderr";
  readonly #log: PipesLog;
  #file: MessageFile | null = null;
  #env: Record<string, string> = {};
  #end: Promise<PipesEnd> | null = null;

  constructor(ctx: Context, folder: string, messages: "file" | "stdout" | "stderr") {
    this.#ctx = ctx;
    this.#folder = folder;
    this.#messages = messages;
    this.#log = new PipesLog(ctx.log);
  }

  get env(): Readonly<Record<string, string>> {
    return this.#env;
  }

  get inOutput(): boolean {
    return this.#messages !== "file";
  }

  get args(): readonly string[] {
    return Object.entries(this.#env).flatMap(([name, value]) => [
      `--${name.toLowerCase().replaceAll("_", "-")}`,
      value,
    ]);
  }

  async open(context: Readonly<Record<string, unknown>>): Promise<void> {
    let given = encoded({ data: context });
    if (given.length > LONGEST_INLINE) {
      const path = join(this.#folder, "context.json");
      await writeFile(path, JSON.stringify(context), { mode: 0o600 });
      given = encoded({ path });
    }
    const path = join(this.#folder, "messages");
    if (this.#messages === "file") this.#file = await MessageFile.create(path, (line) => this.#line(line));
    const messages = this.#messages === "file" ? { path } : { stdio: this.#messages };
    this.#env = { DAGSTER_PIPES_CONTEXT: given, DAGSTER_PIPES_MESSAGES: encoded(messages) };
  }

  take(line: string): boolean {
    if (!isPipesLine(line)) return false;
    this.#line(line);
    return true;
  }

  close(): Promise<PipesEnd> {
    this.#end ??= this.#close();
    return this.#end;
  }

  async #close(): Promise<PipesEnd> {
    try {
      await this.#file?.end();
    } finally {
      await rm(this.#folder, { recursive: true, force: true });
    }
    const { opened, closed, exception, reports } = this.#log;
    if (opened && !closed)
      this.#ctx.log.warn(
        "The process ended before its Pipes client had said that it was done: reports may be missing.",
      );
    return { opened, reports, exception };
  }

  #line(line: string): void {
    if (line.trim() === "") return;
    try {
      this.#log.take(readPipesMessage(line));
    } catch (error) {
      if (!(error instanceof NoMessage)) throw error;
      const shown = readableLine(line.slice(0, SHOWN));
      this.#ctx.log.error(`A message of the process was not understood: ${error.message}. It begins: ${shown}`);
    }
  }
}

/** Deflated JSON in base64, as clients decode both variables. */
const encoded = (value: unknown): string => deflateSync(Buffer.from(JSON.stringify(value))).toString("base64");
