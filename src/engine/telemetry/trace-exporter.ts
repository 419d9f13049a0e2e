import type { Instant } from "../../core/clock.ts";
import type { Transition } from "../../core/transition.ts";
import type { LogLine } from "../../runtime/protocol.ts";
import type { LiveRun } from "../live-run.ts";
import { ExportQueue } from "./export-queue.ts";
import { type Attributes, encodeLogs, encodeSpans, type LogRecord, type Span } from "./otlp.ts";
import type { RunObserver } from "./run-observer.ts";
import { logRecord, runSpan, taskSpan } from "./spans.ts";

export interface TraceExporterOptions {
  /** The receiver's address; `/v1/traces` and `/v1/logs` are below it. */
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  /** What is told of this process. */
  readonly resource: Attributes;
  /** Whether lines of logs are sent, too. */
  readonly logs: boolean;
  readonly now: () => Instant;
  readonly notice: (text: string) => void;
  /** Default: 2,000. */
  readonly everyMs?: number;
}

/** Runs as traces: a span for the run, and one for each execution of a task below it; lines of logs beside them. To an OpenTelemetry receiver, by OTLP/HTTP. */
export class TraceExporter implements RunObserver {
  readonly #now: () => Instant;
  readonly #spans: ExportQueue<Span>;
  readonly #logs: ExportQueue<LogRecord> | null;

  constructor({ url, headers, resource, logs, now, notice, everyMs = 2_000 }: TraceExporterOptions) {
    this.#now = now;
    const base = url.replace(/\/+$/, "");
    const common = { headers, notice, everyMs };
    this.#spans = new ExportQueue({
      ...common,
      what: "Traces",
      url: `${base}/v1/traces`,
      encode: (spans) => encodeSpans(spans as readonly Span[], resource),
    });
    this.#logs = logs
      ? new ExportQueue({
          ...common,
          what: "Logs",
          url: `${base}/v1/logs`,
          encode: (records) => encodeLogs(records as readonly LogRecord[], resource),
        })
      : null;
  }

  applied(run: LiveRun, transitions: readonly Transition[], ended: boolean): void {
    for (const transition of transitions) {
      const span = taskSpan(run, transition);
      if (span !== null) this.#spans.add(span);
    }
    if (ended) this.#spans.add(runSpan(run, this.#now()));
  }

  logged(line: LogLine): void {
    this.#logs?.add(logRecord(line));
  }

  async close(limitMs: number): Promise<void> {
    await Promise.all([this.#spans.close(limitMs), this.#logs?.close(limitMs)]);
  }
}
