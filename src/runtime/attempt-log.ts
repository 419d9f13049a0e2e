import type { Instant } from "../core/clock.ts";
import { LineSplitter } from "./line-splitter.ts";
import { toLogFields } from "./log-fields.ts";
import type { LogLine } from "./protocol.ts";

export type LogLevel = LogLine["level"];

export interface LogLimits {
  /** Of one line's message, and of its fields, in UTF-16 units. Default: 16 KiB. */
  readonly lineLength: number;
  /** Of all lines of one attempt. Default: 10 MB. */
  readonly attemptBytes: number;
}

export const LOG_LIMITS: LogLimits = { lineLength: 16 * 1024, attemptBytes: 10_000_000 };

/** Where its lines go, and how many. */
export interface LogPorts {
  readonly logLimits: LogLimits;
  now(): Instant;
  log(line: LogLine): void;
}

/** Whose lines they are. */
export interface LogOwner {
  /** As it is now: each time that it waited, it has another claim. */
  readonly task: Pick<LogLine, "taskRunId" | "claim" | "runId">;
}

/** All that one attempt prints or logs, as lines, in order. Past a limit it says once that it drops, and at the end how much. */
export class AttemptLog {
  readonly #of: LogOwner;
  readonly #ports: LogPorts;
  /** Made when something is printed: most attempts print nothing. */
  #open: Map<string, LineSplitter> | null = null;
  #level: LogLevel = "info";
  #bytes = 0;
  #dropped = NOTHING;

  constructor(of: LogOwner, ports: LogPorts) {
    this.#of = of;
    this.#ports = ports;
  }

  /** `message`: code without types passes anything. */
  log(level: LogLevel, message: unknown, fields?: object): void {
    this.#add(
      level,
      "log",
      String(message),
      fields === undefined ? null : toLogFields(fields, this.#ports.logLimits.lineLength),
    );
  }

  /** Text as a stream gets it: a line is whole when its end has come. */
  print(source: "stdout" | "stderr", level: LogLevel, text: string): void {
    this.#level = level;
    this.#splitter(source).push(text);
  }

  /** Writes out lines left open, and says what was dropped. */
  end(): void {
    if (this.#open !== null) for (const splitter of this.#open.values()) splitter.end();
    const { lines, bytes } = this.#dropped;
    if (lines === 0) return;
    this.#dropped = NOTHING;
    this.#say(
      `${lines} more lines (${bytes} bytes) of this attempt were dropped: it passed the limit of ${this.#ports.logLimits.attemptBytes} bytes.`,
    );
  }

  #splitter(source: "stdout" | "stderr"): LineSplitter {
    this.#open ??= new Map();
    let splitter = this.#open.get(source);
    if (splitter) return splitter;
    splitter = new LineSplitter(
      (line) => this.#add(this.#level, source, line, null),
      this.#ports.logLimits.lineLength * 4,
    );
    this.#open.set(source, splitter);
    return splitter;
  }

  #add(level: LogLevel, source: LogLine["source"], whole: string, fields: LogLine["fields"]): void {
    const message = cut(whole, this.#ports.logLimits.lineLength);
    const bytes = message.length + (fields === null ? 0 : JSON.stringify(fields).length);
    if (this.#bytes + bytes > this.#ports.logLimits.attemptBytes) return this.#drop(bytes);
    this.#bytes += bytes;
    this.#emit(level, source, message, fields);
  }

  #drop(bytes: number): void {
    if (this.#dropped.lines === 0 && this.#bytes !== Number.POSITIVE_INFINITY) {
      this.#say(
        `The log of this attempt reached its limit of ${this.#ports.logLimits.attemptBytes} bytes. What follows is dropped; write bulk output with ctx.artifact(name).`,
      );
    }
    // Nothing more gets in, also nothing short: a log with silent holes would mislead.
    this.#bytes = Number.POSITIVE_INFINITY;
    this.#dropped = { lines: this.#dropped.lines + 1, bytes: this.#dropped.bytes + bytes };
  }

  #say(message: string): void {
    this.#emit("warn", "log", message, null);
  }

  #emit(level: LogLevel, source: LogLine["source"], message: string, fields: LogLine["fields"]): void {
    const { taskRunId, claim, runId } = this.#of.task;
    this.#ports.log({ taskRunId, claim, runId, at: this.#ports.now(), level, source, message, fields });
  }
}

const NOTHING = { lines: 0, bytes: 0 };

const cut = (message: string, limit: number): string =>
  message.length <= limit ? message : `${message.slice(0, limit)} … [${message.length - limit} more characters cut]`;
