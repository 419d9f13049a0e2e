import { Console } from "node:console";
import { Writable } from "node:stream";
import type { LogLevel } from "./attempt-log.ts";
import { currentAttempt } from "./current-attempt.ts";

const METHODS = {
  log: "info",
  info: "info",
  debug: "debug",
  warn: "warn",
  error: "error",
  trace: "error",
  assert: "error",
  dir: "info",
  dirxml: "info",
  table: "info",
  group: "info",
  groupCollapsed: "info",
  groupEnd: "info",
  count: "info",
  time: "info",
  timeEnd: "info",
  timeLog: "info",
} as const satisfies Record<string, LogLevel>;

type Method = keyof typeof METHODS;
type Source = "stdout" | "stderr";

/** Raw writes to stderr are progress and notes of tools as often as errors. */
const STREAM_LEVELS = { stdout: "info", stderr: "warn" } as const satisfies Record<Source, LogLevel>;

let users = 0;
let release: (() => void) | null = null;

/**
 * Makes what tasks print lines of their log: `console.*`, `process.stdout` and `process.stderr`. What is printed outside a task goes
 * where it went before. Gives back how to undo it; the last of several users undoes it.
 */
export function captureConsole(): () => void {
  if (users++ === 0) release = install();
  let used = true;
  return () => {
    if (!used) return;
    used = false;
    if (--users === 0) release?.();
  };
}

function install(): () => void {
  let level: LogLevel = "info";
  // Not the process's own streams: a test runner has a console of its own, which does not end in them.
  const own = new Console({ stdout: sink("stdout", () => level), stderr: sink("stderr", () => level) });
  const undo: (() => void)[] = (Object.keys(METHODS) as Method[]).map((method) => {
    const before = console[method] as (...args: unknown[]) => void;
    console[method] = (...args: unknown[]) => {
      if (!currentAttempt.getStore()) return before.apply(console, args);
      level = METHODS[method];
      (own[method] as (...args: unknown[]) => void)(...args);
    };
    return () => void (console[method] = before);
  });
  undo.push(captureStream("stdout"), captureStream("stderr"));
  return () => undo.forEach((step) => step());
}

function sink(source: Source, level: () => LogLevel): Writable {
  const stream = new Writable();
  // Past the stream's own queue, which is a turn late: lines keep the order in which they were printed.
  stream.write = (chunk: unknown): boolean => {
    currentAttempt.getStore()?.log.print(source, level(), String(chunk));
    return true;
  };
  return stream;
}

type Done = (error?: Error | null) => void;

function captureStream(source: Source): () => void {
  const stream = process[source];
  // oxlint-disable-next-line typescript/unbound-method -- put back, and called with its stream
  const before = stream.write;
  stream.write = function write(chunk: Uint8Array | string, encoding?: BufferEncoding | Done, done?: Done): boolean {
    const attempt = currentAttempt.getStore();
    if (!attempt) return before.call(stream, chunk, encoding as BufferEncoding, done);
    attempt.log.print(source, STREAM_LEVELS[source], typeof chunk === "string" ? chunk : Buffer.from(chunk).toString());
    const told = typeof encoding === "function" ? encoding : done;
    if (told) process.nextTick(told);
    return true;
  };
  return () => void (stream.write = before);
}
