/** A graph to be drawn: nodes by their place, edges as [from, to]. It has no cycles. */
export interface Drawn {
  readonly count: number;
  readonly edges: readonly (readonly [number, number])[];
}

export interface Neighbours {
  readonly out: readonly (readonly number[])[];
  readonly in: readonly (readonly number[])[];
}

export function neighboursOf({ count, edges }: Drawn): Neighbours {
  const out: number[][] = Array.from({ length: count }, () => []);
  const into: number[][] = Array.from({ length: count }, () => []);
  for (const [from, to] of edges) {
    out[from]!.push(to);
    into[to]!.push(from);
  }
  return { out, in: into };
}

/** In which column each node stands: after all that it comes after, and beside what it feeds rather than far from it. */
export function layersOf(graph: Drawn, first: (node: number) => boolean = () => false): number[] {
  const { out, in: into } = neighboursOf(graph);
  const order = topological(out, into);
  const layer = new Array<number>(graph.count).fill(0);
  const some = order.some(first);
  for (const node of order) {
    if (some && !first(node)) layer[node] = Math.max(layer[node]!, 1);
    for (const next of out[node]!) layer[next] = Math.max(layer[next]!, layer[node]! + 1);
  }
  // What few things lead to and many come after moves towards those.
  for (const node of order.toReversed()) {
    if (first(node) || out[node]!.length <= into[node]!.length) continue;
    layer[node] = Math.max(layer[node]!, Math.min(...out[node]!.map((next) => layer[next]!)) - 1);
  }
  return withoutGaps(layer);
}

function withoutGaps(layer: readonly number[]): number[] {
  const used = [...new Set(layer)].sort((a, b) => a - b);
  const renumbered = new Map(used.map((column, at) => [column, at]));
  return layer.map((column) => renumbered.get(column)!);
}

function topological(out: Neighbours["out"], into: Neighbours["in"]): number[] {
  const left = into.map(({ length }) => length);
  const order = left.flatMap((count, node) => (count === 0 ? [node] : []));
  for (const node of order) for (const next of out[node]!) if ((left[next] = left[next]! - 1) === 0) order.push(next);
  return order;
}
