import type { Drawn } from "./layers.ts";

/** Nodes in columns, with a node of no size wherever an edge passes a column. */
export interface Rows {
  /** The column of every node, those of no size included; they come after the real ones. */
  readonly layer: readonly number[];
  readonly real: number;
  /** By column, from top to bottom. */
  readonly columns: readonly number[][];
  /** Neighbours in the column before, and in the one after. */
  readonly before: readonly (readonly number[])[];
  readonly after: readonly (readonly number[])[];
  /** What an edge passes on its way, in order; by its place in the graph's list. */
  readonly passed: readonly (readonly number[])[];
}

/** Long edges of one node share their way as far as they go together. */
export function rowsOf({ count, edges }: Drawn, layerOf: readonly number[]): Rows {
  const layer = [...layerOf];
  const before: number[][] = Array.from({ length: count }, () => []);
  const after: number[][] = Array.from({ length: count }, () => []);
  const ways = new Map<number, number[]>();
  const join = (from: number, to: number): void => {
    if (after[from]!.includes(to)) return;
    after[from]!.push(to);
    before[to]!.push(from);
  };
  const passed = edges.map(([from, to]) => {
    const length = layer[to]! - layer[from]! - 1;
    const way = ways.get(from) ?? [];
    ways.set(from, way);
    while (way.length < length) {
      const node = layer.length;
      layer.push(layer[from]! + way.length + 1);
      before.push([]);
      after.push([]);
      join(way.at(-1) ?? from, node);
      way.push(node);
    }
    const own = way.slice(0, length);
    join(own.at(-1) ?? from, to);
    return own;
  });
  const columns: number[][] = Array.from({ length: Math.max(-1, ...layer) + 1 }, () => []);
  layer.forEach((column, node) => columns[column]!.push(node));
  return { layer, real: count, columns, before, after, passed };
}
