import { hostname } from "node:os";
import type { Transition } from "../core/transition.ts";
import { isEndedRun } from "../core/run-state.ts";
import type { LiveRun } from "../engine/live-run.ts";
import type { LogWriter } from "../engine/logs/log-writer.ts";
import type { LogSink } from "../engine/host-bridge.ts";
import { LineageExporter } from "../engine/telemetry/lineage-exporter.ts";
import type { RunObserver } from "../engine/telemetry/run-observer.ts";
import { TraceExporter } from "../engine/telemetry/trace-exporter.ts";
import type { Config } from "../loader/config.ts";
import { RELEASE } from "../store/release.ts";
import { wallClock } from "../store/wall-clock.ts";

/** An end waits no longer for what is to be sent. */
const CLOSE_MS = 5_000;

type ObservedConfig = Pick<Config, "telemetry" | "lineage">;

/** Who outside is told of runs: nobody, unless the configuration names somebody. Then the engine pays for it, else nothing. */
export class Observation {
  readonly #observers: readonly RunObserver[];
  readonly #logs: LogWriter;

  constructor(config: ObservedConfig, logs: LogWriter, worker: string, notice: (text: string) => void) {
    this.#logs = logs;
    this.#observers = observersOf(config, worker, notice);
  }

  /** Where log lines go. */
  get logs(): LogSink {
    const logs = this.#logs;
    const observers = this.#observers;
    const write: LogSink["write"] =
      observers.length === 0
        ? logs.add.bind(logs)
        : (line) => {
            logs.add(line);
            for (const observer of observers) observer.logged(line);
          };
    return { write, flush: () => logs.flush() };
  }

  /** What the engine calls after a commit; absent: nobody wants to know. */
  get engine(): { readonly onApplied?: (run: LiveRun, transitions: readonly Transition[]) => void } {
    const observers = this.#observers;
    if (observers.length === 0) return {};
    return {
      onApplied: (run, transitions) => {
        const ended = isEndedRun(run.model.header.state);
        for (const observer of observers) observer.applied(run, transitions, ended);
      },
    };
  }

  /** A run has ended: nothing more is written about it. */
  closeRun(runId: string): void {
    this.#logs.closeRun(runId);
  }

  /** Logs are written and sent, and so is what is observed. */
  async close(): Promise<void> {
    this.#logs.close();
    await Promise.all([this.#logs.shipped(), ...this.#observers.map((observer) => observer.close(CLOSE_MS))]);
  }
}

function observersOf(
  { telemetry, lineage }: ObservedConfig,
  worker: string,
  notice: (text: string) => void,
): RunObserver[] {
  const now = () => wallClock.now();
  const observers: RunObserver[] = [];
  if (telemetry !== null) {
    const resource = {
      "service.name": telemetry.service,
      "service.version": RELEASE,
      "service.instance.id": worker,
      "host.name": hostname(),
      "process.pid": process.pid,
    };
    observers.push(new TraceExporter({ ...telemetry, resource, now, notice }));
  }
  if (lineage !== null) observers.push(new LineageExporter({ ...lineage, now, notice }));
  return observers;
}
