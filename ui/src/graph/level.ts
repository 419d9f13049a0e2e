import { untangle } from "./crossings.ts";
import { heightsOf } from "./heights.ts";
import { type Drawn, layersOf } from "./layers.ts";
import { rowsOf } from "./rows.ts";

/** Something with a size on one level of a graph. Ports have none: where edges come in from outside, and go out. */
export interface Item {
  readonly width: number;
  readonly height: number;
  readonly port?: "in" | "out";
}

export interface Point {
  readonly x: number;
  readonly y: number;
}

export interface Level {
  /** The middle of each item's left side. */
  readonly places: readonly Point[];
  /** From the end of one item to the beginning of the next, in pairs: level, then bent to the next pair. */
  readonly ways: readonly (readonly Point[])[];
  readonly width: number;
  readonly height: number;
}

/** Heights are multiples of it. */
export const UNIT = 22;
const GAP = 44;
/** Between a group's edge and its first and last column. */
const PORT_GAP = 20;
/** The room that a passing edge takes. */
const PASSING = UNIT;

/** Places the items of one level in columns from left to right. */
export function layOut(items: readonly Item[], edges: Drawn["edges"]): Level {
  const graph = { count: items.length, edges };
  const layer = layersOf(graph, (node) => items[node]!.port === "in");
  const lastLayer = Math.max(0, ...layer);
  items.forEach(({ port }, node) => {
    if (port === "out")
      layer[node] = Math.max(lastLayer, 1 + Math.max(-1, ...layer.filter((_, other) => items[other]!.port !== "out")));
  });
  const rows = rowsOf(graph, layer);
  untangle(rows);
  const heightOf = (node: number): number => items[node]?.height ?? PASSING;
  const middles = heightsOf(rows, heightOf, UNIT / 2);
  const widths = rows.columns.map((column) => Math.max(0, ...column.map((node) => items[node]?.width ?? 0)));
  const lefts: number[] = [];
  let x = 0;
  for (const width of widths) {
    lefts.push(x);
    x += width === 0 ? PORT_GAP : width + GAP;
  }
  const end = widths.at(-1) === 0 ? x - PORT_GAP - GAP + PORT_GAP : x - GAP;
  const top = Math.min(...Array.from(middles, (middle, node) => middle - heightOf(node) / 2), 0);
  const y = (node: number): number => middles[node]! - top;
  const places = items.map((_, node) => ({ x: lefts[layer[node]!]!, y: y(node) }));
  const ways = edges.map(([from, to], edge) => [
    { x: places[from]!.x + items[from]!.width, y: places[from]!.y },
    ...rows.passed[edge]!.flatMap((node) => {
      const column = rows.layer[node]!;
      return [
        { x: lefts[column]!, y: y(node) },
        { x: lefts[column]! + widths[column]!, y: y(node) },
      ];
    }),
    places[to]!,
  ]);
  const height = Math.max(0, ...Array.from(middles, (_, node) => y(node) + heightOf(node) / 2));
  return { places, ways, width: Math.max(0, end), height };
}
