import type { LogLine } from "./log-line.ts";

/** A longer line is cut on the screen until somebody asks for all of it: a browser is slow at laying out a megabyte. */
export const SHOWN_CHARS = 2_000;

export interface ShownLine {
  readonly text: string;
  /** Characters that are not shown. */
  readonly cut: number;
}

export function shownLine({ message, fields }: Pick<LogLine, "message" | "fields">, whole: boolean): ShownLine {
  const extra = fields === null || fields === undefined || isEmpty(fields) ? "" : `  ${JSON.stringify(fields)}`;
  const text = `${message}${extra}`.replace(/\n+$/, "");
  if (whole || text.length <= SHOWN_CHARS) return { text, cut: 0 };
  return { text: text.slice(0, SHOWN_CHARS), cut: text.length - SHOWN_CHARS };
}

const isEmpty = (fields: unknown): boolean =>
  typeof fields === "object" && fields !== null && Object.keys(fields).length === 0;
