import type { Figure } from "./figure.ts";

/** For machines: exactly this, and nothing else. */
export const asJson = (figures: readonly Figure[]): string =>
  JSON.stringify({
    figures: figures.map(({ name, value, unit, budget, ok }) => ({
      name,
      value: rounded(value),
      unit,
      budget: rounded(budget),
      ok,
    })),
  });

const COLUMNS = ["", "value", "unit", "limit", "budget", ""] as const;

/** For people: a line for each figure, with what the limit took beside it. */
export function asTable(figures: readonly Figure[]): string {
  const rows = figures.map(({ name, value, unit, limit, bound, budget, ok }) => [
    name,
    text(value),
    unit,
    limit === null ? "" : text(limit),
    `${bound} ${text(budget)}`,
    ok ? "ok" : "MISSED",
  ]);
  const widths = COLUMNS.map((title, column) => Math.max(title.length, ...rows.map((row) => row[column]!.length)));
  const numbers = new Set([1, 3]);
  const line = (cells: readonly string[]): string =>
    cells
      .map((cell, column) => (numbers.has(column) ? cell.padStart(widths[column]!) : cell.padEnd(widths[column]!)))
      .join("  ")
      .trimEnd();
  return [line(COLUMNS), ...rows.map(line)].join("\n");
}

const text = (value: number): string => rounded(value).toLocaleString("en", { maximumFractionDigits: 3 });

/** To what a noisy machine can tell: three digits, or whole numbers. */
const rounded = (value: number): number => (value >= 100 ? Math.round(value) : Number(value.toPrecision(3)));
