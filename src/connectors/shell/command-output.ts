import type { Context } from "../../authoring/context.ts";
import { CapturedOutput } from "./captured-output.ts";
import type { OutputStream } from "./run-process.ts";

const KEPT = 20;
/** Characters of one line: they go into a message that is read, not parsed. */
const LINE_LENGTH = 500;

/** As for what tasks print themselves: stderr is progress and notes as often as errors. */
const LEVELS = { stdout: "info", stderr: "warn" } as const satisfies Record<OutputStream, string>;

/** What a command writes: its log, its end for an error, its result. */
export class CommandOutput {
  /** Of stdout, the last line that is not empty. */
  lastLine: string | null = null;
  readonly #log: Context["log"];
  readonly #captured: CapturedOutput | null;
  readonly #last: Record<OutputStream, string[]> = { stdout: [], stderr: [] };

  constructor(log: Context["log"], capture: boolean) {
    this.#log = log;
    this.#captured = capture ? new CapturedOutput() : null;
  }

  /** Takes stdout when it is captured; else `null`. */
  get bytes(): ((bytes: Uint8Array) => void) | null {
    return this.#captured?.add ?? null;
  }

  get text(): string | null {
    return this.#captured?.text ?? null;
  }

  line(line: string, stream: OutputStream): void {
    const last = this.#last[stream];
    last.push(line.length <= LINE_LENGTH ? line : `${line.slice(0, LINE_LENGTH)}…`);
    if (last.length > KEPT) last.shift();
    if (stream === "stdout" && line.trim() !== "") this.lastLine = line;
    this.#log[LEVELS[stream]](line);
  }

  /** Those of stderr, which is where programs say why; of stdout when there are none. */
  get lastLines(): readonly string[] {
    const { stdout, stderr } = this.#last;
    return stderr.some((line) => line.trim() !== "") ? stderr : stdout;
  }
}
