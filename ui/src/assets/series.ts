import type { Materialization } from "../api/assets.ts";

export interface Series {
  readonly name: string;
  /** Oldest first; what an update did not say is `null`. */
  readonly values: readonly (number | null)[];
}

const MOST = 6;

/** The numbers that updates said of themselves, by name; of the newest ones. */
export function seriesOf(updates: readonly Pick<Materialization, "metadata">[]): Series[] {
  const oldestFirst = updates.toReversed().map(({ metadata }) => numbersOf(metadata));
  const names = new Set(oldestFirst.flatMap((numbers) => [...numbers.keys()]));
  return [...names].slice(0, MOST).map((name) => ({
    name,
    values: oldestFirst.map((numbers) => numbers.get(name) ?? null),
  }));
}

function numbersOf(metadata: unknown): Map<string, number> {
  if (typeof metadata !== "object" || metadata === null || Array.isArray(metadata)) return new Map();
  return new Map(
    Object.entries(metadata).flatMap(([name, value]) =>
      typeof value === "number" && Number.isFinite(value) ? [[name, value] as const] : [],
    ),
  );
}
