import { TuttiError } from "../../core/errors.ts";
import type { LogLine } from "../../runtime/protocol.ts";
import { LogSegment } from "./log-segment.ts";
import { LogShipper } from "./log-shipper.ts";

export interface LogWriterOptions {
  /** The folder of logs. */
  readonly dir: string;
  readonly worker: string;
  /** A line is on its way to the disk after this. Default: 2,000. */
  readonly flushEveryMs?: number;
  /** The URL of a store of objects that lines are sent to as well. Default: none. */
  readonly store?: string | null;
  /** What was written is on its way there after this. Default: 2,000. */
  readonly shipEveryMs?: number;
  /** What could not be written, said once until it works again. Default: nobody is told. */
  readonly onWarning?: (warning: TuttiError) => void;
}

/** Lines that wait for a flush are written earlier beyond this: a bound on memory, in characters. */
const MAX_PENDING_LENGTH = 1024 * 1024;
/** Open segments beyond this are closed, the least recently used first. */
const MAX_OPEN = 64;

/**
 * Writes the log lines of this worker's tasks into one append-only segment per run. A silent run has no file. Lines come masked: the
 * worker host masks all that leaves a child. A full disk loses lines and says so; it fails no run.
 */
export class LogWriter {
  readonly #options: Required<LogWriterOptions>;
  /** In the order of their last use. */
  readonly #segments = new Map<string, LogSegment>();
  readonly #dirty = new Set<LogSegment>();
  #pendingLength = 0;
  #timer: NodeJS.Timeout | null = null;
  #broken = false;
  readonly #shipper: LogShipper | null;

  constructor(options: LogWriterOptions) {
    this.#options = { flushEveryMs: 2_000, store: null, shipEveryMs: 2_000, onWarning: () => {}, ...options };
    const { dir, worker, store, shipEveryMs: everyMs, onWarning } = this.#options;
    this.#shipper = store === null ? null : new LogShipper({ dir, worker, url: store, everyMs, onWarning });
  }

  add(line: LogLine): void {
    const segment = this.#segment(line.runId);
    if (segment === null) return;
    segment.add(line);
    this.#dirty.add(segment);
    this.#pendingLength += line.message.length;
    if (this.#pendingLength > MAX_PENDING_LENGTH) return this.flush();
    this.#timer ??= setTimeout(() => this.flush(), this.#options.flushEveryMs).unref();
  }

  /** Writes what waits. To be called before a result is recorded: who sees the result finds its log. Costs nothing when nothing waits. */
  flush(): void {
    if (this.#dirty.size === 0) return;
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    this.#pendingLength = 0;
    for (const segment of this.#dirty) this.#write(segment);
    this.#dirty.clear();
  }

  /** To be called when a run has ended: its file need not stay open. */
  closeRun(runId: string): void {
    const segment = this.#segments.get(runId);
    if (!segment) return;
    if (this.#dirty.delete(segment)) this.#write(segment);
    this.#segments.delete(runId);
    segment.close();
    this.#shipper?.ended(runId);
  }

  close(): void {
    for (const runId of this.#segments.keys()) this.closeRun(runId);
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
  }

  /** When what was written is in the store as well, or it is certain that the store is away. */
  async shipped(): Promise<void> {
    await this.#shipper?.close();
  }

  #write(segment: LogSegment): void {
    this.#attempt(segment.runId, () => segment.flush());
    this.#shipper?.grown(segment.runId);
  }

  #segment(runId: string): LogSegment | null {
    let segment = this.#segments.get(runId) ?? null;
    if (segment !== null) this.#segments.delete(runId);
    else {
      if (this.#segments.size >= MAX_OPEN) this.closeRun(this.#segments.keys().next().value as string);
      this.#attempt(runId, () => (segment = new LogSegment(this.#options.dir, runId, this.#options.worker)));
    }
    if (segment !== null) this.#segments.set(runId, segment);
    return segment;
  }

  #attempt(runId: string, work: () => void): void {
    try {
      work();
      this.#broken = false;
    } catch (error) {
      if (this.#broken) return;
      this.#broken = true;
      const { code, message } = error as NodeJS.ErrnoException;
      const why =
        code === "ENOSPC" || code === "EDQUOT" ? 'the disk is full. Make room, e.g. with "tutti prune"' : message;
      this.#options.onWarning(
        new TuttiError("LOG_NOT_WRITTEN", `Log lines of run "${runId}" are lost: ${why}. The run goes on.`, {
          cause: error,
        }),
      );
    }
  }
}
