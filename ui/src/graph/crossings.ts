import type { Rows } from "./rows.ts";

/** Past this many nodes of all kinds, fewer sweeps are made: the drawing has to stand within a second. */
const MANY = 4_000;

/** Orders every column so that few edges cross. What is already in order stays: the same graph is always drawn the same way. */
export function untangle(rows: Rows): void {
  const { columns, before, after, layer } = rows;
  const place = new Int32Array(layer.length);
  const settle = (column: readonly number[]): void => column.forEach((node, at) => (place[node] = at));
  columns.forEach(settle);
  let best = columns.map((column) => [...column]);
  let fewest = crossingsOf(columns, after, place);
  const sweeps = layer.length > MANY ? 6 : 16;
  for (let sweep = 0; sweep < sweeps && fewest > 0; sweep++) {
    const forth = sweep % 2 === 0;
    const seen = forth ? before : after;
    for (let step = 1; step < columns.length; step++) {
      const column = columns[forth ? step : columns.length - 1 - step]!;
      sortByMiddle(column, seen, place, sweep >= sweeps / 2);
      settle(column);
    }
    if (layer.length <= MANY) for (const column of columns) swapNeighbours(column, before, after, place);
    const now = crossingsOf(columns, after, place);
    if (now >= fewest) continue;
    fewest = now;
    best = columns.map((column) => [...column]);
  }
  best.forEach((column, at) => {
    columns[at]!.splice(0, column.length, ...column);
    settle(column);
  });
}

/** Nodes without a neighbour there keep their place. `median`: else the mean. */
function sortByMiddle(column: number[], seen: Rows["before"], place: Int32Array, median: boolean): void {
  const wish = new Map<number, number>();
  for (const node of column) {
    const places = seen[node]!.map((other) => place[other]!);
    if (places.length > 0) wish.set(node, median ? medianOf(places) : meanOf(places));
  }
  const moving = column
    .filter((node) => wish.has(node))
    .sort((a, b) => wish.get(a)! - wish.get(b)! || place[a]! - place[b]!);
  let next = 0;
  column.forEach((node, at) => {
    if (wish.has(node)) column[at] = moving[next++]!;
  });
}

const meanOf = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;

function medianOf(values: number[]): number {
  values.sort((a, b) => a - b);
  const middle = values.length >> 1;
  return values.length % 2 === 1 ? values[middle]! : (values[middle - 1]! + values[middle]!) / 2;
}

/** Two that stand beside each other change places where that undoes more crossings than it makes. */
function swapNeighbours(column: number[], before: Rows["before"], after: Rows["after"], place: Int32Array): void {
  for (let at = 0; at + 1 < column.length; at++) {
    const [upper, lower] = [column[at]!, column[at + 1]!];
    const now = between(before[upper]!, before[lower]!, place) + between(after[upper]!, after[lower]!, place);
    const then = between(before[lower]!, before[upper]!, place) + between(after[lower]!, after[upper]!, place);
    if (then >= now) continue;
    column[at] = lower;
    column[at + 1] = upper;
    place[lower] = at;
    place[upper] = at + 1;
  }
}

/** Crossings of the edges of two nodes, the first above the second. */
function between(upper: readonly number[], lower: readonly number[], place: Int32Array): number {
  let crossings = 0;
  for (const a of upper) for (const b of lower) if (place[a]! > place[b]!) crossings++;
  return crossings;
}

/** Counted with a tree of sums, column by column. */
export function crossingsOf(columns: Rows["columns"], after: Rows["after"], place: Int32Array): number {
  let crossings = 0;
  columns.forEach((column, at) => {
    const size = columns[at + 1]?.length ?? 0;
    if (size === 0) return;
    const sums = new Int32Array(size + 1);
    let seen = 0;
    for (const node of column) {
      const ends = after[node]!.map((other) => place[other]!);
      for (const end of ends) crossings += seen - sumTo(sums, end + 1);
      for (const end of ends) {
        for (let i = end + 1; i <= size; i += i & -i) sums[i]!++;
        seen++;
      }
    }
  });
  return crossings;
}

function sumTo(sums: Int32Array, end: number): number {
  let sum = 0;
  for (let i = end; i > 0; i -= i & -i) sum += sums[i]!;
  return sum;
}
