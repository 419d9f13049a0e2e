import { TuttiError } from "../core/errors.ts";

/** A place in a user's file. `line` and `column` are 1-based; `null`: not known. */
export interface Place {
  /** Relative to the project's folder, with forward slashes. */
  readonly file: string;
  readonly line: number | null;
  readonly column: number | null;
  /** The line itself, with its number and a caret under the column. */
  readonly excerpt: string | null;
}

/** What is wrong with a pipeline file, and where. */
export class LoadError extends TuttiError implements Place {
  readonly file: string;
  readonly line: number | null;
  readonly column: number | null;
  readonly excerpt: string | null;
  /** The workflow that is wrong; `null`: the whole file, or not known yet. */
  readonly workflow: string | null;

  constructor(code: string, message: string, place: Place, workflow: string | null = null) {
    super(code, message);
    this.name = "LoadError";
    this.file = place.file;
    this.line = place.line;
    this.column = place.column;
    this.excerpt = place.excerpt;
    this.workflow = workflow;
  }

  /** `pipelines/a.ts:3:7`, as editors and terminals open it. */
  get where(): string {
    return [this.file, this.line, this.column].filter((part) => part !== null).join(":");
  }

  toJSON(): { code: string; message: string; workflow: string | null } & Place {
    return {
      code: this.code,
      message: this.message,
      file: this.file,
      line: this.line,
      column: this.column,
      excerpt: this.excerpt,
      workflow: this.workflow,
    };
  }
}

export const wholeFile = (file: string): Place => ({ file, line: null, column: null, excerpt: null });

export function placeIn(file: string, text: string | null, line: number, column: number): Place {
  const lineText = text?.split(/\r?\n/, line)[line - 1];
  return { file, line, column, excerpt: lineText === undefined ? null : excerptOf(lineText, line, column) };
}

// A generated line can be a megabyte long, and the column that matters anywhere in it.
const LONGEST_LINE = 160;

export function excerptOf(lineText: string, line: number, column: number): string {
  const from = column > LONGEST_LINE - 20 ? column - LONGEST_LINE / 2 : 0;
  const shown = lineText.slice(from, from + LONGEST_LINE).replaceAll("\t", " ");
  const margin = `  ${line} | `;
  return `${margin}${shown}\n${" ".repeat(margin.length - 2)}| ${" ".repeat(Math.max(0, column - 1 - from))}^`;
}
