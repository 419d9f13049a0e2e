import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { onTestFinished } from "vitest";

const BIN = join(import.meta.dirname, "..", "..", "bin", "tutti.mjs");

export interface Ended {
  /** `null`: ended by `signal`. */
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface TuttiOptions {
  readonly cwd: string;
  /** Added to this process's environment; `undefined` takes a variable away. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly input?: string;
  /** Of another build. Default: this one's command. */
  readonly bin?: string;
}

/** The command line, as shipped, to its end. A code other than 0 is data, not an error. */
export function tutti(args: readonly string[], options: TuttiOptions): Promise<Ended> {
  return startTutti(args, options).ended;
}

/** The command line as shipped, going on in the background; killed with its whole process group when the test ends. */
export function startTutti(args: readonly string[], options: TuttiOptions): TuttiProcess {
  return new TuttiProcess(args, options);
}

export class TuttiProcess {
  readonly ended: Promise<Ended>;
  #child: ChildProcess;
  #stdout = "";
  #stderr = "";
  /** Its streams are read to their end, which comes after its exit. */
  #closed = false;
  #watchers = new Set<() => void>();

  constructor(args: readonly string[], { cwd, env, input, bin = BIN }: TuttiOptions) {
    // A group of its own: a signal to the test runner's terminal does not reach it, and its children can be ended with it.
    this.#child = spawn(process.execPath, [bin, ...args], { cwd, env: { ...process.env, ...env }, detached: true });
    this.#child.stdout?.setEncoding("utf8").on("data", (text: string) => this.#hear(() => (this.#stdout += text)));
    this.#child.stderr?.setEncoding("utf8").on("data", (text: string) => this.#hear(() => (this.#stderr += text)));
    this.#child.stdin?.on("error", () => {}).end(input ?? "");
    this.ended = once(this.#child, "close").then(([code, signal]) => {
      this.#hear(() => (this.#closed = true));
      return { code, signal, stdout: this.#stdout, stderr: this.#stderr };
    });
    onTestFinished(async () => {
      this.killGroup();
      await this.ended;
    });
  }

  get pid(): number {
    if (this.#child.pid === undefined) throw new Error(`"${process.execPath}" did not start`);
    return this.#child.pid;
  }

  get stdout(): string {
    return this.#stdout;
  }

  get stderr(): string {
    return this.#stderr;
  }

  /** To this process alone, as `kill` does; its children learn of its death by themselves. */
  kill(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  /** To every process of the group, as Ctrl-C on a terminal does with SIGINT. */
  killGroup(signal: NodeJS.Signals = "SIGKILL"): void {
    try {
      process.kill(-this.pid, signal);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
    }
  }

  /** Resolves with the match as soon as stdout (or `stream`) has it; rejects when the process ends without it, showing what it said. */
  saw(pattern: RegExp, stream: "stdout" | "stderr" = "stdout"): Promise<RegExpMatchArray> {
    return new Promise((resolve, reject) => {
      const look = () => {
        const match = pattern.exec(this[stream]);
        if (match !== null) resolve(match);
        else if (!this.#closed) return;
        else
          reject(
            new Error(`It ended without ${pattern} on ${stream}.\nstdout: ${this.#stdout}\nstderr: ${this.#stderr}`),
          );
        this.#watchers.delete(look);
      };
      this.#watchers.add(look);
      look();
    });
  }

  #hear(change: () => void): void {
    change();
    for (const look of this.#watchers) look();
  }
}
