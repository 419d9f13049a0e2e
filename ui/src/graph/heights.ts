import type { Rows } from "./rows.ts";

const SWEEPS = 12;
/** Edges that pass columns should be straight, more than anything else. */
const PASSING_WEIGHT = 6;

/**
 * How far down every node stands: near to the middle of its neighbours, in its column's order, and with room for each. Among all ways to
 * do that, the one with the least squares, which pools whoever pushes against each other.
 */
export function heightsOf(rows: Rows, heightOf: (node: number) => number, unit: number): Float64Array {
  const { columns, before, after, real, layer } = rows;
  const at = new Float64Array(layer.length);
  const room = (upper: number, lower: number): number => (heightOf(upper) + heightOf(lower)) / 2;
  for (const column of columns) stack(column, at, room);
  for (let sweep = 0; sweep < SWEEPS; sweep++) {
    const last = sweep >= SWEEPS - 2;
    const forth = sweep % 2 === 0;
    for (let step = 0; step < columns.length; step++) {
      const column = columns[forth ? step : columns.length - 1 - step]!;
      const wishes = column.map((node) => {
        const seen = last ? [...before[node]!, ...after[node]!] : forth ? before[node]! : after[node]!;
        return seen.length === 0 ? at[node]! : middle(seen, at);
      });
      const weights = column.map((node) =>
        node >= real ? PASSING_WEIGHT : 1 + Math.min(before[node]!.length, after[node]!.length),
      );
      project(column, wishes, weights, at, room);
    }
  }
  snap(columns, at, room, unit);
  return at;
}

function stack(column: readonly number[], at: Float64Array, room: (upper: number, lower: number) => number): void {
  let down = 0;
  column.forEach((node, i) => {
    if (i > 0) down += room(column[i - 1]!, node);
    at[node] = down;
  });
}

function middle(seen: readonly number[], at: Float64Array): number {
  const places = seen.map((node) => at[node]!).sort((a, b) => a - b);
  const half = places.length >> 1;
  return places.length % 2 === 1 ? places[half]! : (places[half - 1]! + places[half]!) / 2;
}

/** Least squares under an order: neighbours that would overlap are pooled and take their common mean. */
function project(
  column: readonly number[],
  wishes: readonly number[],
  weights: readonly number[],
  at: Float64Array,
  room: (upper: number, lower: number) => number,
): void {
  const pools: { weight: number; mean: number; end: number }[] = [];
  const offset = new Float64Array(column.length);
  column.forEach((node, i) => {
    if (i > 0) offset[i] = offset[i - 1]! + room(column[i - 1]!, node);
    let pool = { weight: weights[i]!, mean: wishes[i]! - offset[i]!, end: i + 1 };
    for (let last = pools.at(-1); last !== undefined && last.mean > pool.mean; last = pools.at(-1)) {
      const weight = last.weight + pool.weight;
      pool = { weight, mean: (last.mean * last.weight + pool.mean * pool.weight) / weight, end: pool.end };
      pools.pop();
    }
    pools.push(pool);
  });
  let i = 0;
  for (const { mean, end } of pools) for (; i < end; i++) at[column[i]!] = mean + offset[i]!;
}

/** To whole rows, so that what is nearly in line is in line; the first row is 0. */
function snap(
  columns: Rows["columns"],
  at: Float64Array,
  room: (upper: number, lower: number) => number,
  unit: number,
): void {
  for (const column of columns)
    column.forEach((node, i) => {
      const least = i === 0 ? -Infinity : at[column[i - 1]!]! + room(column[i - 1]!, node);
      at[node] = Math.max(Math.round(at[node]! / unit) * unit, Math.ceil((least - 1e-6) / unit) * unit);
    });
  let top = Infinity;
  for (const value of at) top = Math.min(top, value);
  if (top !== Infinity) for (let node = 0; node < at.length; node++) at[node]! -= top;
}
