import { fork, type ChildProcess } from "node:child_process";
import { basename } from "node:path";
import type { Readable } from "node:stream";
import { fileURLToPath } from "node:url";
import { moduleAt } from "../core/package-place.ts";
import { framesIn } from "./evaluation.ts";
import { STUCK_FD, type Stuck } from "./evaluate-watchdog.ts";
import type { Evaluation, Exiting, Frame, FromEvaluator, ToEvaluator, Wanted } from "./evaluation.ts";

/** How the evaluation of one bundle ended. */
export type EvaluationEnd =
  | { readonly kind: "evaluated"; readonly evaluation: Evaluation }
  /** `frames` empty: it waits for something that never comes. */
  | { readonly kind: "stuck"; readonly frames: readonly Frame[] }
  | {
      readonly kind: "exited";
      readonly code: number | null;
      readonly signal: string | null;
      readonly frames: readonly Frame[];
      readonly lastOutput: string;
    };

export interface EvaluatorOptions {
  /** Where the files' packages are found; the process's working directory. */
  readonly projectDir: string;
  readonly limitMs: number;
  readonly env: NodeJS.ProcessEnv;
}

/** An evaluation that takes more than this is no pipeline file but a program; without a bound it would take the machine with it. */
export const MEMORY_LIMIT_MB = 512;
const LONGEST_OUTPUT = 8000;
// The child kills itself at its limit; this much later its parent does, should that have failed.
const NET_MS = 3000;

/** One child process that evaluates bundles, one after the other. */
export class Evaluator {
  readonly #child: ChildProcess;
  readonly #options: EvaluatorOptions;
  readonly #ready: Promise<void>;
  #finish: ((end: EvaluationEnd) => void) | null = null;
  #exiting: Exiting | null = null;
  #stuck = "";
  #output = "";
  #request = 0;
  #file = "";
  #gone = false;
  #overdue = false;
  /** Bundles it was given. */
  used = 0;

  constructor(options: EvaluatorOptions) {
    this.#options = options;
    const entry = fileURLToPath(moduleAt("loader/evaluate-child"));
    const execArgv = [`--max-old-space-size=${MEMORY_LIMIT_MB}`, "--disable-warning=ExperimentalWarning"];
    this.#child = fork(entry, {
      cwd: options.projectDir,
      env: options.env,
      execArgv,
      stdio: ["ignore", "pipe", "pipe", "ipc", "pipe"],
    });
    const ready = Promise.withResolvers<void>();
    this.#ready = ready.promise;
    this.#child.on("message", (message: FromEvaluator) =>
      message.kind === "ready" ? ready.resolve() : this.#hear(message),
    );
    this.#child.on("error", () => this.#close(null, null));
    this.#child.on("close", (code, signal) => {
      ready.resolve();
      this.#close(code, signal);
    });
    this.#listen();
  }

  /** `false` once the process has ended. */
  get alive(): boolean {
    return !this.#gone;
  }

  async evaluate(file: string, want: Wanted): Promise<EvaluationEnd> {
    await this.#ready;
    this.used += 1;
    this.#file = file;
    const { promise, resolve } = Promise.withResolvers<EvaluationEnd>();
    this.#finish = resolve;
    if (this.#gone) this.#close(this.#child.exitCode, this.#child.signalCode);
    else this.#send({ kind: "evaluate", request: ++this.#request, want, file, limitMs: this.#options.limitMs });
    const net = setTimeout(() => {
      this.#overdue = true;
      this.#child.kill("SIGKILL");
    }, this.#options.limitMs + NET_MS);
    const end = await promise;
    clearTimeout(net);
    return end;
  }

  /** Ends the process; what it was doing is not told any more. */
  close(): void {
    this.#finish = null;
    this.#child.kill("SIGKILL");
  }

  #listen(): void {
    const keep = (chunk: Buffer) => (this.#output = (this.#output + chunk.toString()).slice(-LONGEST_OUTPUT));
    this.#child.stdout?.on("data", keep);
    this.#child.stderr?.on("data", keep);
    (this.#child.stdio[STUCK_FD] as Readable).on("data", (chunk: Buffer) => (this.#stuck += chunk.toString()));
  }

  #send(message: ToEvaluator): void {
    // A child that has just died is told by its close.
    this.#child.send(message, () => {});
  }

  #hear(message: Exclude<FromEvaluator, { kind: "ready" }>): void {
    if (message.kind === "exiting") this.#exiting = message;
    else if (message.request === this.#request) this.#end({ kind: "evaluated", evaluation: message.evaluation });
  }

  // `close`, not `exit`: by then everything it wrote has been read.
  #close(code: number | null, signal: NodeJS.Signals | null): void {
    this.#gone = true;
    if (this.#stuck !== "")
      return this.#end({
        kind: "stuck",
        frames: (JSON.parse(this.#stuck) as Stuck).frames.filter(({ url }) => url.endsWith(`/${basename(this.#file)}`)),
      });
    if (this.#overdue) return this.#end({ kind: "stuck", frames: [] });
    // A crash writes its JavaScript stack among much else.
    const frames = this.#exiting?.frames ?? framesIn(this.#output, this.#file);
    this.#end({ kind: "exited", code: this.#exiting?.code ?? code, signal, frames, lastOutput: this.#output });
  }

  #end(end: EvaluationEnd): void {
    this.#finish?.(end);
    this.#finish = null;
  }
}
