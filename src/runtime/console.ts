import { currentAttempt } from "./current-attempt.ts";
import type { LogLevel } from "./attempt-log.ts";

const LEVELS = { debug: "debug", warn: "warn", error: "error", trace: "error", assert: "error" } as const satisfies Record<string, LogLevel>;

/**
 * Makes what tasks print lines of their log: `console.*`, `process.stdout` and `process.stderr`. What is printed outside a task goes
 * where it went before. Gives back how to undo it.
 */
export function captureConsole(): () => void {
  let level: LogLevel | null = null;
  const undo = [capture("stdout", () => level ?? "info"), capture("stderr", () => level ?? "warn")];
  for (const [method, its] of Object.entries(LEVELS) as [keyof typeof LEVELS, LogLevel][]) {
    const before = console[method] as (...args: unknown[]) => void;
    console[method] = (...args: unknown[]) => {
      level = its;
      try {
        before.apply(console, args);
      } finally {
        level = null;
      }
    };
    undo.push(() => void (console[method] = before));
  }
  return () => undo.forEach((step) => step());
}

type Done = (error?: Error | null) => void;

function capture(source: "stdout" | "stderr", level: () => LogLevel): () => void {
  const stream = process[source];
  const before = stream.write;
  stream.write = function write(chunk: Uint8Array | string, encoding?: BufferEncoding | Done, done?: Done): boolean {
    const attempt = currentAttempt.getStore();
    if (!attempt) return before.call(stream, chunk, encoding as BufferEncoding, done);
    attempt.log.print(source, level(), typeof chunk === "string" ? chunk : Buffer.from(chunk).toString());
    const told = typeof encoding === "function" ? encoding : done;
    if (told) process.nextTick(told);
    return true;
  };
  return () => void (stream.write = before);
}
