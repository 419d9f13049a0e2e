import type { DriverLog } from "./spark-cluster.ts";
import { ask } from "./web.ts";

const PART_BYTES = 64 * 1024;
/** A launch command with its class path and all properties. */
const HEAD_BYTES = 32 * 1024;

const FILES = ["stdout", "stderr"] as const;

interface Tail {
  /** Bytes that have been read; `null`: nothing yet. */
  offset: number | null;
  /** A line whose end has not come. */
  open: string;
}

/** The driver's two files, through the page of the standalone worker that runs it. */
export class WorkerLog implements DriverLog {
  readonly #worker: (signal: AbortSignal | null) => Promise<string | null>;
  readonly #id: string;
  readonly #fromEnd: boolean;
  readonly #tails: Record<(typeof FILES)[number], Tail> = {
    stdout: { offset: null, open: "" },
    stderr: { offset: null, open: "" },
  };
  #address: string | null = null;

  constructor(worker: (signal: AbortSignal | null) => Promise<string | null>, id: string, fromEnd: boolean) {
    this.#worker = worker;
    this.#id = id;
    this.#fromEnd = fromEnd;
  }

  async read(ended: boolean, signal: AbortSignal | null): Promise<string[]> {
    try {
      this.#address ??= await this.#worker(signal);
      if (this.#address === null) return [];
      const lines: string[] = [];
      for (const file of FILES) lines.push(...(await this.#grown(this.#address, file, ended, signal)));
      return lines;
    } catch {
      signal?.throwIfAborted();
      return [];
    }
  }

  async #grown(
    address: string,
    file: (typeof FILES)[number],
    ended: boolean,
    signal: AbortSignal | null,
  ): Promise<string[]> {
    const tail = this.#tails[file];
    const lines: string[] = [];
    for (;;) {
      const part = await logPart(address, this.#id, file, tail.offset ?? this.#begin, signal);
      if (part === null) break;
      // Of a file that is begun in its middle, the first line is the end of one.
      const text = tail.offset === null && part.from > 0 ? part.text.replace(/^[^\n]*\n/, "") : part.text;
      tail.offset = part.to;
      const whole = (tail.open + text).split("\n");
      tail.open = whole.pop() ?? "";
      lines.push(...whole.map((line) => line.replace(/\r$/, "")));
      if (part.to >= part.total) break;
    }
    if (ended && tail.open !== "") lines.push(tail.open);
    if (ended) tail.open = "";
    return lines;
  }

  /** Without an offset the worker gives the end of the file. */
  get #begin(): number | null {
    return this.#fromEnd ? null : 0;
  }
}

/** How a driver's stderr begins. `""`: it can't be read. */
export async function logHead(address: string, id: string, signal: AbortSignal | null): Promise<string> {
  return await logPart(address, id, "stderr", 0, signal, HEAD_BYTES).then(
    (part) => part?.text ?? "",
    () => "",
  );
}

/** `offset`: `null` for the last part. */
async function logPart(
  address: string,
  id: string,
  file: string,
  offset: number | null,
  signal: AbortSignal | null,
  bytes = PART_BYTES,
): Promise<{ from: number; to: number; total: number; text: string } | null> {
  const query = new URLSearchParams({ driverId: id, logType: file, byteLength: String(bytes) });
  if (offset !== null) query.set("offset", String(offset));
  const { status, text } = await ask(`${address}/log/?${query.toString()}`, { signal });
  const [head = "", from, to, total] = /^==== Bytes (\d+)-(\d+) of (\d+) of .*\n/.exec(text) ?? [];
  if (status !== 200 || total === undefined) return null;
  return { from: Number(from), to: Number(to), total: Number(total), text: text.slice(head.length) };
}
