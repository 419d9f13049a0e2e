import { styleText } from "node:util";

type Style = Parameters<typeof styleText>[0];

/** Where a command writes: results to stdout, what is said beside them to stderr. */
export interface Output {
  /** A line of the result. */
  line(text?: string): void;
  /** A line about the work, which is no part of the result. */
  note(text: string): void;
  /** One document of a `--json` result, on a line of its own. */
  json(document: unknown): void;
  /** Colours where stdout takes them: a terminal without NO_COLOR. */
  style(style: Style, text: string): string;
  /** Characters that fit on a line of the terminal; `null`: stdout is no terminal. */
  readonly columns: number | null;
  /** When all of it is written. */
  flush(): Promise<void>;
}

export const terminalOutput: Output = {
  line: (text = "") => void process.stdout.write(`${text}\n`),
  note: (text) => void process.stderr.write(`${text}\n`),
  json: (document) => void process.stdout.write(`${JSON.stringify(document)}\n`),
  style: (style, text) => styleText(style, text, { stream: process.stdout }),
  get columns() {
    return process.stdout.isTTY ? process.stdout.columns || null : null;
  },
  flush: async () => {
    await Promise.all(
      [process.stdout, process.stderr].map(
        (stream) => new Promise<void>((resolve) => stream.write("", () => resolve())),
      ),
    );
  },
};
