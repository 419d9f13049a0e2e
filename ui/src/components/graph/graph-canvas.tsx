import { type KeyboardEvent, useEffect, useMemo, useRef } from "react";
import type { Placed, PlacedNode } from "../../graph/layout.ts";
import type { Change, ShownGraph } from "../../graph/shown-graph.ts";
import { useTheme } from "../../theme.ts";
import { Button } from "../button.tsx";
import { drawGraph, type Scene } from "./draw-graph.ts";
import { GraphTree } from "./graph-tree.tsx";
import { palette } from "./palette.ts";
import { useView } from "./use-view.ts";

interface GraphCanvasProps {
  readonly placed: Placed | null;
  readonly shown: ShownGraph;
  readonly selected: string | null;
  readonly onSelect: (name: string | null) => void;
  readonly onOpen: (name: string) => void;
  readonly onFold: (group: string) => void;
  readonly find: string;
  readonly path: ReadonlySet<string>;
  readonly changes?: ReadonlyMap<string, Change>;
  readonly withStates: boolean;
  /** What its nodes are. Default: tasks. */
  readonly of?: string;
  readonly edges: readonly (readonly number[])[];
}

const NO_CHANGES: ReadonlyMap<string, Change> = new Map();

/** What depends on what, on a canvas: thousands of tasks move like ten. Beside it a tree of the same words, for whoever does not see it. */
export function GraphCanvas({
  placed,
  shown,
  selected,
  onSelect,
  onOpen,
  onFold,
  find,
  path,
  changes = NO_CHANGES,
  withStates,
  of = "tasks",
  edges,
}: GraphCanvasProps) {
  const frame = useRef<HTMLDivElement>(null);
  const canvas = useRef<HTMLCanvasElement>(null);
  const theme = useTheme();
  const { view, size, fit, zoom, handlers, show, wasDragged } = useView(frame, placed);
  const found = useMemo(() => {
    const text = find.trim().toLowerCase();
    if (text === "") return null;
    return new Set(
      [...shown.tasks, ...shown.groups].flatMap(({ name }) => (name.toLowerCase().includes(text) ? [name] : [])),
    );
  }, [find, shown]);
  const colours = useMemo(palette, [theme]);
  useEffect(() => {
    const { current } = canvas;
    const context = current?.getContext("2d");
    if (placed === null || current === null || context === null || context === undefined || size.width === 0) return;
    const scene: Scene = {
      placed,
      tasks: shown.tasks,
      groups: shown.groups,
      selected,
      found,
      path,
      changes,
      withStates,
    };
    const drawn = requestAnimationFrame(() => {
      const [width, height] = [Math.round(size.width * devicePixelRatio), Math.round(size.height * devicePixelRatio)];
      if (current.width !== width || current.height !== height) {
        current.width = width;
        current.height = height;
      }
      drawGraph(context, scene, view, size, colours);
    });
    return () => cancelAnimationFrame(drawn);
  }, [placed, shown, selected, found, path, changes, withStates, view, size, colours]);
  const nameOf = ({ kind, id }: PlacedNode): string =>
    kind === "task" ? shown.tasks[id]!.name : shown.groups[id]!.name;
  const nodeOf = (name: string | null) => placed?.nodes.find((node) => nameOf(node) === name);
  useEffect(() => {
    const node = nodeOf(selected);
    if (node !== undefined) show(node);
    // Only when something else is selected.
  }, [selected, placed]);
  const pick = (event: React.MouseEvent): void => {
    if (wasDragged() || placed === null) return;
    const box = frame.current!.getBoundingClientRect();
    const at = {
      x: (event.clientX - box.left - view.x) / view.scale,
      y: (event.clientY - box.top - view.y) / view.scale,
    };
    const node = placed.nodes.find(
      ({ x, y, width }) => at.x >= x - 6 && at.x <= x + width + 6 && at.y >= y - 26 && at.y <= y + 20,
    );
    if (node === undefined) {
      const group = placed.groups.findLast(
        ({ x, y, width }) => at.x >= x && at.x <= x + width && at.y >= y && at.y <= y + 26,
      );
      if (group !== undefined) onFold(shown.groups[group.id]!.name);
      else onSelect(null);
    } else if (node.kind === "group") onFold(nameOf(node));
    else onSelect(nameOf(node));
  };
  const press = (event: KeyboardEvent): void => {
    if (event.key === "Enter" && selected !== null) return onOpen(selected);
    if (event.key === "Escape") return onSelect(null);
    const next = neighbour(event.key, placed, nodeOf(selected), edges);
    if (next === null) return;
    event.preventDefault();
    onSelect(nameOf(next));
  };
  return (
    <div className="graph">
      <div className="zoom" role="group" aria-label="How near">
        <Button bare small onPress={fit}>
          fit
        </Button>
        <Button bare small label="further" onPress={() => zoom(1 / 1.25)}>
          −
        </Button>
        <span className="cap">{Math.round(view.scale * 100)} %</span>
        <Button bare small label="nearer" onPress={() => zoom(1.25)}>
          +
        </Button>
      </div>
      <div
        ref={frame}
        className="canvas"
        style={{ height: heightOf(placed) }}
        onClick={pick}
        onDoubleClick={() => selected !== null && onOpen(selected)}
        {...handlers}
      >
        <canvas ref={canvas} aria-hidden="true" />
        <GraphTree shown={shown} placed={placed} selected={selected} onSelect={onSelect} of={of} onKeyDown={press} />
      </div>
    </div>
  );
}

const heightOf = (placed: Placed | null): string =>
  placed === null ? "50vh" : `clamp(180px, ${Math.ceil(placed.height) + 60}px, calc(100vh - 300px))`;

/** The node that an arrow key leads to: along the edges, or up and down. */
function neighbour(
  key: string,
  placed: Placed | null,
  from: PlacedNode | undefined,
  edges: readonly (readonly number[])[],
): PlacedNode | null {
  if (placed === null || !key.startsWith("Arrow")) return null;
  if (from === undefined)
    return placed.nodes.reduce((first, node) => (node.x < first.x ? node : first), placed.nodes[0]!) ?? null;
  const along = key === "ArrowRight" ? 0 : key === "ArrowLeft" ? 1 : null;
  const linked =
    along === null || from.kind === "group"
      ? null
      : new Set(edges.flatMap((edge) => (edge[along] === from.id ? [edge[1 - along]!] : [])));
  const ahead = (node: PlacedNode): boolean =>
    key === "ArrowRight"
      ? node.x > from.x
      : key === "ArrowLeft"
        ? node.x < from.x
        : key === "ArrowDown"
          ? node.y > from.y && Math.abs(node.x - from.x) < 40
          : node.y < from.y && Math.abs(node.x - from.x) < 40;
  const far = (node: PlacedNode): number =>
    Math.abs(node.x - from.x) +
    Math.abs(node.y - from.y) * 2 -
    (linked?.has(node.id) === true && node.kind === "task" ? 1e6 : 0);
  return placed.nodes
    .filter(ahead)
    .reduce<PlacedNode | null>((best, node) => (best === null || far(node) < far(best) ? node : best), null);
}
