import { type ChildProcess, spawn } from "node:child_process";
import { createServer, type AddressInfo, type Socket } from "node:net";
import { setTimeout as pause } from "node:timers/promises";

export interface ProcessOptions {
  readonly signal: AbortSignal;
  readonly cwd?: string;
  /** Beside this process's own. */
  readonly env?: Readonly<Record<string, string>>;
}

/** Runs a command to its end, and gives what it said on stdout. @throws with its last words when it fails, or is not there. */
export async function runToEnd(command: string, args: readonly string[], options: ProcessOptions): Promise<string> {
  const child = begin(command, args, options);
  const said = lastWords(child);
  let stdout = "";
  child.stdout?.on("data", (text: string) => (stdout += text));
  const { promise, resolve, reject } = Promise.withResolvers<number | null>();
  child.on("error", reject).on("close", resolve);
  const onAbort = (): void => void endGroup(child, "SIGKILL");
  options.signal.addEventListener("abort", onAbort, { once: true });
  try {
    const code = await promise.catch((error: NodeJS.ErrnoException) => {
      throw error.code === "ENOENT" ? new Error(`"${command}" is not installed.`) : error;
    });
    options.signal.throwIfAborted();
    if (code !== 0) throw new Error(`${command} ${args.join(" ")} ended with ${code}:\n${said()}`);
    return stdout;
  } finally {
    options.signal.removeEventListener("abort", onAbort);
  }
}

export interface ServerOptions extends ProcessOptions {
  /** Throws until it can be used. */
  readonly ready: () => Promise<unknown>;
}

export interface Server {
  readonly pid: number;
  /** SIGTERM to it and all it started; SIGKILL after 10 seconds. Nothing when it has ended. */
  stop(): Promise<void>;
  /** SIGKILL to it and all it started. */
  kill(): Promise<void>;
}

/**
 * Kills the group that it leads when what is at the other end of its standard input is gone, however that ended: a test runner that is killed ends nothing
 * by itself. The command takes the shell's place, so its pid and exit are the command's.
 */
const WITH_US = `exec 3<&0; (read -r _ <&3; kill -s KILL -- -$$) >/dev/null 2>&1 & exec 3<&-; exec "$@" </dev/null`;

/** Starts a server and waits until it is ready. It does not outlive this process. */
export async function startServer(command: string, args: readonly string[], options: ServerOptions): Promise<Server> {
  const child = begin("sh", ["-c", WITH_US, "sh", command, ...args], { ...options, held: true });
  const said = lastWords(child);
  let failed: Error | null = null;
  child.on("error", (error: Error) => (failed = error));
  const server: Server = {
    pid: child.pid ?? 0,
    stop: () => ended(child, "SIGTERM"),
    kill: () => ended(child, "SIGKILL"),
  };
  for (;;) {
    if (failed !== null || child.exitCode !== null || child.signalCode !== null)
      throw new Error(`${command} does not start: ${(failed as Error | null)?.message ?? ""}\n${said()}`);
    if (options.signal.aborted) {
      await server.kill();
      throw new Error(`${command} was not ready in time:\n${said()}`);
    }
    if (
      await options.ready().then(
        () => true,
        () => false,
      )
    )
      return server;
    await pause(100);
  }
}

export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.on("error", reject);
    probe.listen(0, "127.0.0.1", () => {
      const { port } = probe.address() as AddressInfo;
      probe.close(() => resolve(port));
    });
  });
}

/** In a process group of its own, so that what it starts itself ends with it. */
function begin(
  command: string,
  args: readonly string[],
  { cwd, env, held = false }: ProcessOptions & { readonly held?: boolean },
): ChildProcess {
  const child = spawn(command, args, {
    detached: true,
    stdio: [held ? "pipe" : "ignore", "pipe", "pipe"],
    env: { ...process.env, ...env },
    ...(cwd === undefined ? {} : { cwd }),
  });
  // It stays open for as long as this process lives, and keeps that from nothing.
  (child.stdin as Socket | null)?.on("error", () => {}).unref();
  child.stdout?.setEncoding("utf8");
  child.stderr?.setEncoding("utf8");
  return child;
}

const KEPT_LENGTH = 4_000;

function lastWords(child: ChildProcess): () => string {
  let words = "";
  for (const stream of [child.stdout, child.stderr])
    stream?.on("data", (text: string) => (words = (words + text).slice(-KEPT_LENGTH)));
  return () => words.trim();
}

async function ended(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  const exit = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  endGroup(child, signal);
  const late = setTimeout(() => endGroup(child, "SIGKILL"), 10_000);
  await exit;
  clearTimeout(late);
}

function endGroup(child: ChildProcess, signal: NodeJS.Signals): void {
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, signal);
  } catch {
    // It has ended by itself.
  }
}
