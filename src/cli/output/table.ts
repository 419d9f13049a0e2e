import { stripVTControlCharacters } from "node:util";
import type { Output } from "./output.ts";

export interface Column<Row> {
  readonly head: string;
  readonly cell: (row: Row) => string;
  readonly align?: "left" | "right";
}

/** Rows under dim heads, as wide as they need. The last column is cut where the terminal ends. */
export function printTable<Row>(out: Output, rows: readonly Row[], columns: readonly Column<Row>[]): void {
  const cells = rows.map((row) => columns.map((column) => column.cell(row)));
  const widths = columns.map(({ head }, at) => Math.max(head.length, ...cells.map((row) => width(row[at] ?? ""))));
  const line = (texts: readonly string[]): string =>
    texts
      .map((text, at) => padded(text, widths[at] ?? 0, columns[at]?.align))
      .join("  ")
      .trimEnd();
  out.line(out.style("dim", cut(line(columns.map(({ head }) => head)), out.columns)));
  for (const row of cells) out.line(cut(line(row), out.columns));
}

const width = (text: string): number => stripVTControlCharacters(text).length;

function padded(text: string, to: number, align: "left" | "right" = "left"): string {
  const space = " ".repeat(Math.max(0, to - width(text)));
  return align === "left" ? text + space : space + text;
}

/** To the width of the terminal; colours that would be cut open are taken away with the rest. */
export function cut(text: string, columns: number | null): string {
  if (columns === null || width(text) <= columns) return text;
  return `${stripVTControlCharacters(text).slice(0, Math.max(0, columns - 1))}…`;
}
