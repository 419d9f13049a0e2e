import { LogReader } from "../../engine/logs/log-reader.ts";
import { type LineDocument, lineDocument, LOG_PAGES, logOf } from "../run-log.ts";
import type { ServerContext } from "../server-context.ts";
import type { TopicSource } from "./topic-source.ts";

const SHOWN = 500;
const AT_ONCE = 500;
const LOOK_EVERY_MS = 150;

type Line = Awaited<ReturnType<LogReader["read"]>>[number];

/** How many lines there were, and the last of them. */
interface Before {
  readonly total: number;
  readonly lines: readonly Line[];
}

/** The topic `logs:<id>`: the last lines of a run, and then each as it is written. */
export class LogsSource implements TopicSource {
  readonly #runId: string;
  readonly #server: Pick<ServerContext, "reader" | "places" | "config">;
  readonly #tell: (data: object, workflow: string | null) => void;
  readonly #came: () => void;
  readonly #end = new AbortController();
  readonly #first: Promise<void>;
  /** Lines of the run, from its first. */
  #total = 0;
  #tail: LineDocument[] = [];
  #waiting: Line[] = [];

  /** `came`: there are lines to tell. */
  constructor(
    runId: string,
    server: Pick<ServerContext, "reader" | "places" | "config">,
    tell: (data: object, workflow: string | null) => void,
    came: () => void,
  ) {
    this.#runId = runId;
    this.#server = server;
    this.#tell = tell;
    this.#came = came;
    const { promise, resolve } = Promise.withResolvers<Before>();
    void this.#follow(resolve);
    this.#first = promise.then(async ({ total, lines }) => {
      this.#total = total;
      this.#tail = await this.#named(lines);
    });
  }

  async snapshot(): Promise<object> {
    await this.#first;
    return { topic: `logs:${this.#runId}`, lines: this.#tail, total: this.#total };
  }

  async look(): Promise<void> {
    if (this.#waiting.length === 0) return;
    await this.#first;
    const waiting = this.#waiting;
    this.#waiting = [];
    const lines = await this.#named(waiting);
    this.#tail = [...this.#tail, ...lines].slice(-SHOWN);
    for (let at = 0; at < lines.length; at += AT_ONCE) {
      const some = lines.slice(at, at + AT_ONCE);
      this.#total += some.length;
      this.#tell({ lines: some, total: this.#total }, null);
    }
  }

  close(): void {
    this.#end.abort();
  }

  async #follow(known: (before: Before) => void): Promise<void> {
    try {
      const log = logOf(this.#runId, this.#server);
      const before = await LOG_PAGES.end(log, SHOWN);
      known(before);
      const options = { signal: this.#end.signal, everyMs: LOOK_EVERY_MS, after: before.offsets };
      for await (const line of new LogReader(log.dir, log.store).follow(this.#runId, options)) {
        this.#waiting.push(line);
        this.#came();
      }
    } catch {
      // A folder that can't be read now: the list of lines says why.
    }
    known({ total: 0, lines: [] });
  }

  async #named(lines: readonly Line[]): Promise<LineDocument[]> {
    const head = await this.#server.reader.runHead(this.#runId);
    if (head === null) return [];
    const places = await this.#server.places.of(head);
    return lines.map((line) => lineDocument(line, places));
  }
}
