import type { Context } from "../../authoring/context.ts";
import { readableLine } from "../shell/readable-line.ts";
import {
  type PipesCheck,
  type PipesException,
  type PipesMaterialization,
  type PipesMessage,
  type PipesMetadata,
} from "./pipes-message.ts";

/** All that a process reported through the protocol; plain values, so that a task can return them. */
export interface PipesReports {
  readonly materializations: readonly PipesMaterialization[];
  readonly checks: readonly PipesCheck[];
  /** What it passed to `report_custom_message`, in order. */
  readonly messages: readonly unknown[];
}

/** Of each kind: a result is a value that is stored. */
const KEPT = 10_000;

/** What becomes of the messages of one process: lines of the task's log, and what the task may return. */
export class PipesLog {
  readonly #log: Context["log"];
  readonly #materializations: PipesMaterialization[] = [];
  readonly #checks: PipesCheck[] = [];
  readonly #messages: unknown[] = [];
  #notKept = 0;
  opened = false;
  closed = false;
  /** What the process said ended it. */
  exception: PipesException | null = null;

  constructor(log: Context["log"]) {
    this.#log = log;
  }

  get reports(): PipesReports {
    if (this.#notKept > 0)
      this.#log.warn(`${this.#notKept} reports are in the log only: the result keeps ${KEPT} of each kind.`);
    return { materializations: this.#materializations, checks: this.#checks, messages: this.#messages };
  }

  take(message: PipesMessage): void {
    // Rust's client says that it is done a second time when its context goes out of scope.
    if (this.closed && message.method !== "closed")
      this.#log.warn(`The process reported "${message.method}" after it had said that it was done.`);
    switch (message.method) {
      case "opened":
        this.opened = true;
        return;
      case "log":
        return this.#lines(message.level, message.message);
      case "materialization":
        return this.#materialized(message.report);
      case "check":
        return this.#checked(message.report);
      case "custom":
        this.#keep(this.#messages, message.payload);
        return this.#log.debug("The process sent a message.", { payload: message.payload });
      case "stream":
        return this.#lines(message.stream === "stdout" ? "info" : "warn", message.text);
      case "closed":
        this.closed = true;
        this.exception ??= message.exception;
    }
  }

  // The one place where a materialization leaves the protocol: with assets in the engine, `ctx.materialized` gets it here.
  #materialized(report: PipesMaterialization): void {
    this.#keep(this.#materializations, report);
    this.#log.info(`Materialized "${readableLine(report.asset)}".`, {
      asset: report.asset,
      ...(report.dataVersion === null ? {} : { dataVersion: report.dataVersion }),
      metadata: plain(report.metadata),
    });
  }

  #checked(report: PipesCheck): void {
    this.#keep(this.#checks, report);
    const level = report.passed ? "info" : report.severity === "WARN" ? "warn" : "error";
    this.#log[level](
      `Check "${readableLine(report.check)}" of "${readableLine(report.asset)}" ${report.passed ? "passed" : "failed"}.`,
      { asset: report.asset, check: report.check, passed: report.passed, metadata: plain(report.metadata) },
    );
  }

  #lines(level: "debug" | "info" | "warn" | "error", text: string): void {
    for (const line of text.replace(/\r?\n$/, "").split(/\r?\n/)) this.#log[level](readableLine(line));
  }

  #keep<T>(list: T[], report: T): void {
    if (list.length < KEPT) list.push(report);
    else this.#notKept++;
  }
}

const plain = (metadata: PipesMetadata): Record<string, unknown> =>
  Object.fromEntries(Object.entries(metadata).map(([key, { value }]) => [key, value]));
