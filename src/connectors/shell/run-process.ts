import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import type { Readable } from "node:stream";
import { setTimeout as delay } from "node:timers/promises";
import { CommandNotStarted, signalNumbered } from "./command-errors.ts";
import { LIFELINE_FD, withLifeline } from "./lifeline.ts";
import { OutputLines } from "./output-lines.ts";
import { ProcessGroup } from "./process-group.ts";

/** One process to be run to its end. */
export interface ProcessSpec {
  /** The path of the program; `findExecutable` finds one by name. */
  readonly file: string;
  readonly args: readonly string[];
  readonly cwd: string;
  /** All that it gets; nothing is added. Names are those of a shell: letters, digits, `_`. */
  readonly env: Readonly<Record<string, string>>;
  /** What it reads from its standard input. Default: nothing is there. */
  readonly input?: string | Uint8Array;
  /** Stops it: the stop signal to its whole group, SIGKILL after the grace. */
  readonly signal: AbortSignal;
  /** What asks it to end. Default: `SIGTERM`. */
  readonly stopSignal?: NodeJS.Signals;
  /** From the stop signal to SIGKILL. Keep it below the `grace` of the configuration. Default: 5,000. */
  readonly graceMs?: number;
  /** Characters of one line that are kept. */
  readonly lineLength: number;
  /** Each line as it comes. What it throws stops the process, and is thrown. */
  readonly onLine: (line: string, stream: OutputStream) => void;
  /** Takes stdout as bytes, in place of `onLine`. */
  readonly onBytes?: (bytes: Uint8Array) => void;
}

export type OutputStream = "stdout" | "stderr";

/** How it ended. One of the first two is `null`. */
export interface ProcessEnd {
  readonly exitCode: number | null;
  readonly signal: NodeJS.Signals | null;
  /** It left processes running, which were ended. */
  readonly leftBehind: boolean;
}

const GRACE_MS = 5_000;
/** For what still writes when the process itself has ended, e.g. a `tee` that it wrote to. */
const DRAIN_MS = 2_000;

/**
 * Runs a process with everything it starts: all of it has ended when this settles, also when the signal aborts, and also when our own process
 * is killed. A process that leaves its group on purpose (`setsid`) is not followed.
 *
 * @throws CommandNotStarted `COMMAND_NOT_STARTED`. The signal's reason, once everything has ended.
 */
export async function runProcess(spec: ProcessSpec): Promise<ProcessEnd> {
  spec.signal.throwIfAborted();
  const child = start(spec);
  const started = once(child, "spawn");
  const exited = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  const closed = new Promise<void>((resolve) => child.once("close", () => resolve()));
  await started.catch((error: unknown) => {
    throw new CommandNotStarted(spec.file, spec.cwd, error);
  });
  const group = new ProcessGroup(child, spec.stopSignal ?? "SIGTERM", spec.graceMs ?? GRACE_MS);
  let thrown: { readonly error: unknown } | null = null;
  let over = false;
  const stop = (): void => group.stop();
  const guarded = <T>(take: (value: T) => void): ((value: T) => void) => {
    return (value) => {
      // A stream that somebody outside the group still holds open is closed by us, and what it says then has no reader any more.
      if (thrown !== null || over) return;
      try {
        take(value);
      } catch (error) {
        thrown = { error };
        stop();
      }
    };
  };
  read(child, spec, guarded);
  feed(child, spec.input);
  spec.signal.addEventListener("abort", stop, { once: true });
  // It may have aborted while the process started.
  if (spec.signal.aborted) stop();
  try {
    await exited;
    // What it started may write for a moment more, e.g. a `tee`.
    if (group.isAlive() && !group.stopped) await Promise.race([closed, delay(DRAIN_MS, undefined, { ref: false })]);
    const leftBehind = group.isAlive();
    await group.end();
    await Promise.race([closed, delay(DRAIN_MS, undefined, { ref: false })]);
    spec.signal.throwIfAborted();
    if (thrown !== null) throw (thrown as { readonly error: unknown }).error;
    return { ...endOf(child), leftBehind };
  } finally {
    over = true;
    spec.signal.removeEventListener("abort", stop);
    for (const stream of child.stdio) stream?.destroy();
  }
}

function start(spec: ProcessSpec): ChildProcess {
  // Windows has neither groups nor signals: there the process is run as it is.
  const posix = process.platform !== "win32";
  const { file, args } = posix ? withLifeline(spec, spec.stopSignal ?? "SIGTERM", spec.graceMs ?? GRACE_MS) : spec;
  try {
    return spawn(file, args, {
      cwd: spec.cwd,
      env: spec.env,
      detached: posix,
      windowsHide: true,
      stdio: [spec.input === undefined ? "ignore" : "pipe", "pipe", "pipe", posix ? "pipe" : "ignore"],
    });
  } catch (error) {
    // Of arguments that are too long, and the like.
    throw new CommandNotStarted(spec.file, spec.cwd, error);
  }
}

function read(
  child: ChildProcess,
  spec: ProcessSpec,
  guarded: <T>(take: (value: T) => void) => (value: T) => void,
): void {
  for (const name of ["stdout", "stderr"] as const) {
    const stream = child[name] as Readable;
    if (name === "stdout" && spec.onBytes) {
      stream.on("data", guarded(spec.onBytes));
      continue;
    }
    const lines = new OutputLines(
      spec.lineLength,
      guarded((line: string) => spec.onLine(line, name)),
    );
    stream.on("data", (bytes: Uint8Array) => lines.push(bytes));
    stream.once("close", () => lines.end());
  }
  // Its end tells the lifeline that we are gone; nobody else writes there.
  child.stdio[LIFELINE_FD]?.on("error", () => {});
}

function feed(child: ChildProcess, input: string | Uint8Array | undefined): void {
  if (input === undefined) return;
  // A process that ends without reading all of it is none of our business.
  child.stdin?.on("error", () => {}).end(input);
}

/** Shells say 128 + n for a process that signal n has ended. */
function endOf(child: ChildProcess): Pick<ProcessEnd, "exitCode" | "signal"> {
  const { exitCode, signalCode } = child;
  const signal = signalCode ?? signalNumbered((exitCode ?? 0) - 128);
  return signal === null ? { exitCode, signal: null } : { exitCode: null, signal };
}
