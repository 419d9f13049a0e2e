import { type Item, layOut, type Point } from "./level.ts";

/** What is drawn: tasks with their widths, groups that may stand in each other, and edges between tasks. */
export interface GraphToDraw {
  readonly tasks: readonly { readonly width: number; readonly group: number | null }[];
  readonly groups: readonly { readonly width: number; readonly parent: number | null; readonly folded: boolean }[];
  readonly edges: readonly (readonly [number, number])[];
}

export interface PlacedNode {
  readonly kind: "task" | "group";
  /** Its place in the list of its kind. */
  readonly id: number;
  /** Of its line. */
  readonly x: number;
  readonly y: number;
  readonly width: number;
}

export interface PlacedGroup {
  readonly id: number;
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** A piece of an edge of `from`, on one level; `to`: the tasks it leads to. */
export interface PlacedWay {
  readonly from: number;
  readonly to: readonly number[];
  readonly points: readonly Point[];
}

export interface Placed {
  /** Tasks, and groups that are folded. */
  readonly nodes: readonly PlacedNode[];
  /** Groups that are open, outer ones first. */
  readonly groups: readonly PlacedGroup[];
  readonly ways: readonly PlacedWay[];
  readonly width: number;
  readonly height: number;
}

const NODE_HEIGHT = 44;
const BOX = { x: 10, top: 30, bottom: 8 } as const;

interface Box {
  readonly placed: Placed;
  readonly in: ReadonlyMap<number, number>;
  readonly out: ReadonlyMap<number, number>;
}

/** Lays out a graph from the inside: a group that is open is laid out first, and is one wide item on the level around it. */
export function layOutGraph(graph: GraphToDraw): Placed {
  return new Layout(graph).level(null).placed;
}

class Layout {
  readonly #graph: GraphToDraw;

  constructor(graph: GraphToDraw) {
    this.#graph = graph;
  }

  level(inside: number | null): Box {
    const { tasks, groups } = this.#graph;
    const keys: string[] = [];
    const items: Item[] = [];
    const boxes = new Map<string, Box>();
    groups.forEach(({ parent, folded, width }, id) => {
      if (parent !== inside) return;
      const key = `g${id}`;
      keys.push(key);
      if (folded) return void items.push({ width, height: NODE_HEIGHT });
      const box = this.level(id);
      boxes.set(key, box);
      items.push({ width: box.placed.width, height: box.placed.height });
    });
    tasks.forEach(({ group, width }, id) => {
      if (group !== inside) return;
      keys.push(`t${id}`);
      items.push({ width, height: NODE_HEIGHT });
    });
    const { edges, meant } = this.#edges(inside, keys, items);
    const { places, ways, width, height } = layOut(items, edges);
    return this.#drawn({ inside, keys, items, boxes, edges, meant, places, ways, width, height });
  }

  /** The edges of a level, once for each source; edges from outside begin at a port, those that lead out end at one. */
  #edges(inside: number | null, keys: string[], items: Item[]) {
    const at = new Map(keys.map((key, place) => [key, place]));
    const port = (kind: "in" | "out", source: number): number => {
      const key = `${kind} ${source}`;
      const known = at.get(key);
      if (known !== undefined) return known;
      at.set(key, items.length);
      keys.push(key);
      return items.push({ width: 0, height: 22, port: kind }) - 1;
    };
    const found = new Map<
      string,
      { readonly edge: readonly [number, number]; readonly from: number; readonly to: number[] }
    >();
    for (const [from, to] of this.#graph.edges) {
      const [a, b] = [this.#itemOf(from, inside), this.#itemOf(to, inside)];
      if ((a === null && b === null) || a === b) continue;
      const edge = [a === null ? port("in", from) : at.get(a)!, b === null ? port("out", from) : at.get(b)!] as const;
      const key = `${from} ${edge.join(" ")}`;
      const known = found.get(key);
      if (known === undefined) found.set(key, { edge, from, to: [to] });
      else known.to.push(to);
    }
    const meant = [...found.values()];
    return { edges: meant.map(({ edge }) => edge), meant };
  }

  /** The item of a level that a task is, or stands in; `null`: it is elsewhere. */
  #itemOf(task: number, inside: number | null): string | null {
    let { group } = this.#graph.tasks[task]!;
    if (group === inside) return `t${task}`;
    while (group !== null) {
      const { parent } = this.#graph.groups[group]!;
      if (parent === inside) return `g${group}`;
      group = parent;
    }
    return null;
  }

  #drawn(level: DrawnLevel): Box {
    const { inside, keys, items, boxes, edges, meant, places, ways } = level;
    const shift = inside === null ? { x: 0, y: 0 } : { x: BOX.x, y: BOX.top };
    const nodes: PlacedNode[] = [];
    const groups: PlacedGroup[] = [];
    const drawn: PlacedWay[] = [];
    const ports = { in: new Map<number, number>(), out: new Map<number, number>() };
    const size = {
      width: level.width + 2 * shift.x,
      height: level.height + (inside === null ? 0 : BOX.top + BOX.bottom),
    };
    keys.forEach((key, place) => {
      const { width, height, port } = items[place]!;
      const [x, y] = [places[place]!.x + shift.x, places[place]!.y + shift.y];
      if (port !== undefined) return void ports[port].set(Number(key.split(" ")[1]), y);
      const id = Number(key.slice(1));
      const box = boxes.get(key);
      if (box === undefined) return void nodes.push({ kind: key.startsWith("t") ? "task" : "group", id, x, y, width });
      const top = y - height / 2;
      groups.push({ id, x, y: top, width, height }, ...box.placed.groups.map((each) => moved(each, x, top)));
      nodes.push(...box.placed.nodes.map((each) => moved(each, x, top)));
      drawn.push(
        ...box.placed.ways.map((way) => ({ ...way, points: way.points.map((point) => moved(point, x, top)) })),
      );
    });
    meant.forEach(({ from, to }, at) => {
      const [a, b] = edges[at]!;
      const points = ways[at]!.map((point) => moved(point, shift.x, shift.y));
      const [boxA, boxB] = [boxes.get(keys[a]!), boxes.get(keys[b]!)];
      const top = (item: number): number => places[item]!.y + shift.y - items[item]!.height / 2;
      if (boxA !== undefined) points[0] = { x: points[0]!.x, y: top(a) + boxA.out.get(from)! };
      if (boxB !== undefined) points[points.length - 1] = { x: points.at(-1)!.x, y: top(b) + boxB.in.get(from)! };
      // Ports stand at the box's edge.
      if (items[a]!.port !== undefined) points[0] = { x: 0, y: points[0]!.y };
      if (items[b]!.port !== undefined) points[points.length - 1] = { x: size.width, y: points.at(-1)!.y };
      drawn.push({ from, to, points });
    });
    return { placed: { nodes, groups, ways: drawn, ...size }, ...ports };
  }
}

interface DrawnLevel {
  readonly inside: number | null;
  readonly keys: readonly string[];
  readonly items: readonly Item[];
  readonly boxes: ReadonlyMap<string, Box>;
  readonly edges: readonly (readonly [number, number])[];
  readonly meant: readonly { readonly from: number; readonly to: readonly number[] }[];
  readonly places: readonly Point[];
  readonly ways: readonly (readonly Point[])[];
  readonly width: number;
  readonly height: number;
}

const moved = <P extends Point>(point: P, x: number, y: number): P => ({ ...point, x: point.x + x, y: point.y + y });
