import type { Placed, PlacedNode, PlacedWay } from "../../graph/layout.ts";
import type { Change, ShownNode } from "../../graph/shown-graph.ts";
import { drawMark } from "./mark-paths.ts";
import type { State } from "../../words/state.ts";
import type { Palette } from "./palette.ts";

/** Where of the graph one looks, and how near. */
export interface View {
  readonly x: number;
  readonly y: number;
  readonly scale: number;
}

export interface Scene {
  readonly placed: Placed;
  readonly tasks: readonly ShownNode[];
  readonly groups: readonly ShownNode[];
  readonly selected: string | null;
  /** Names that are looked for; the others step back. `null`: nothing is. */
  readonly found: ReadonlySet<string> | null;
  readonly path: ReadonlySet<string>;
  readonly changes: ReadonlyMap<string, Change>;
  readonly withStates: boolean;
}

/** Smaller than this, words can't be read and are left out. */
const WORDS_FROM = 0.42;
const EDGE = 40;

/** Draws what of a scene is in sight. */
export function drawGraph(
  context: CanvasRenderingContext2D,
  scene: Scene,
  view: View,
  size: { width: number; height: number },
  colours: Palette,
): void {
  const ratio = devicePixelRatio;
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  context.clearRect(0, 0, size.width, size.height);
  context.translate(view.x, view.y);
  context.scale(view.scale, view.scale);
  const seen = {
    left: -view.x / view.scale - EDGE,
    top: -view.y / view.scale - EDGE,
    right: (size.width - view.x) / view.scale + EDGE,
    bottom: (size.height - view.y) / view.scale + EDGE,
  };
  const words = view.scale >= WORDS_FROM;
  for (const { id, x, y, width, height } of scene.placed.groups) {
    context.fillStyle = colours.sunk;
    context.fillRect(x, y + 4, width, height - 8);
    if (!words) continue;
    context.fillStyle = colours.ink2;
    context.font = `600 12px ${colours.sans}`;
    context.fillText(scene.groups[id]!.name, x + 10, y + 18);
  }
  for (const way of scene.placed.ways) if (isSeen(way, seen)) drawWay(context, way, scene, colours);
  for (const node of scene.placed.nodes) {
    if (node.x > seen.right || node.x + node.width < seen.left || node.y > seen.bottom || node.y < seen.top) continue;
    drawNode(context, node, scene, colours, words);
  }
}

function isSeen({ points }: PlacedWay, seen: { left: number; top: number; right: number; bottom: number }): boolean {
  const [first, last] = [points[0]!, points.at(-1)!];
  if (first.x > seen.right || last.x < seen.left) return false;
  return (
    points.some(({ y }) => y >= seen.top && y <= seen.bottom) ||
    (points.some(({ y }) => y < seen.top) && points.some(({ y }) => y > seen.bottom))
  );
}

function drawWay(
  context: CanvasRenderingContext2D,
  { from, to, points }: PlacedWay,
  scene: Scene,
  colours: Palette,
): void {
  const source = scene.tasks[from]!;
  const critical = scene.path.has(source.name) && to.some((task) => scene.path.has(scene.tasks[task]!.name));
  const dim = scene.found !== null && !scene.found.has(source.name);
  context.beginPath();
  context.moveTo(points[0]!.x, points[0]!.y);
  for (let at = 0; at + 1 < points.length; at++) {
    const [a, b] = [points[at]!, points[at + 1]!];
    // Level through a column, bent in the gap between two.
    if (at % 2 === 1) context.lineTo(b.x, b.y);
    else {
      const middle = (a.x + b.x) / 2;
      context.bezierCurveTo(middle, a.y, middle, b.y, b.x, b.y);
    }
  }
  const done = !scene.withStates || source.state === "succeeded" || source.state === "skipped";
  context.setLineDash(done ? [] : [2, 3]);
  context.lineWidth = critical ? 2.25 : 1;
  context.globalAlpha = dim ? 0.35 : 1;
  context.strokeStyle = critical ? colours.ink : colours.line2;
  context.stroke();
  context.setLineDash([]);
  context.globalAlpha = 1;
}

function drawNode(
  context: CanvasRenderingContext2D,
  { kind, id, x, y, width }: PlacedNode,
  scene: Scene,
  colours: Palette,
  words: boolean,
): void {
  const node = kind === "task" ? scene.tasks[id]! : scene.groups[id]!;
  const selected = node.name === scene.selected;
  const onPath = scene.path.has(node.name);
  const change = scene.changes.get(node.name);
  context.globalAlpha = scene.found !== null && !scene.found.has(node.name) ? 0.3 : 1;
  if (selected || change !== undefined) {
    context.fillStyle = selected
      ? colours.marker
      : change === "added"
        ? colours.add
        : change === "removed"
          ? colours.del
          : colours.sunk;
    context.fillRect(x - 6, y - 25, width + 12, 45);
  }
  const ground = selected ? colours.marker : colours.surface;
  const quiet = scene.withStates && (node.state === "waiting" || node.state === "skipped");
  const hot =
    node.state === "running" ||
    node.state === "up_for_retry" ||
    node.state === "failed" ||
    node.state === "queued" ||
    node.state === "deferred";
  if (node.parts.length > 0) drawParts(context, node, x, y, width, colours);
  else {
    context.strokeStyle = onPath
      ? colours.ink
      : hot
        ? colours.states[node.state]
        : quiet
          ? colours.line2
          : colours.ink3;
    context.lineWidth = onPath ? 2.25 : hot ? 3 : 1;
    line(context, x, x + width, y);
  }
  if (node.age !== undefined && node.age !== null) drawAge(context, node.age, x, y, width, colours);
  if (kind === "group") line(context, x, x + width, y + 3);
  if (words) drawWords(context, node, { x, y, width }, { ground, quiet, bold: onPath || selected, change }, colours);
  context.globalAlpha = 1;
}

function drawParts(
  context: CanvasRenderingContext2D,
  { parts }: ShownNode,
  x: number,
  y: number,
  width: number,
  colours: Palette,
): void {
  const all = parts.reduce((sum, [, n]) => sum + n, 0);
  let at = x;
  for (const [state, n] of parts) {
    const own = (n / all) * width;
    context.fillStyle = context.strokeStyle = colours.states[state];
    drawPart(context, state, at, y, Math.max(1, own - 1));
    at += own;
  }
}

/** As the bars of the other pages: told apart without their colours. */
function drawPart(context: CanvasRenderingContext2D, state: State, x: number, y: number, width: number): void {
  if (state === "failed") context.fillRect(x, y - 4, width, 8);
  else if (state === "running") {
    const point = Math.min(5, width);
    context.beginPath();
    context.moveTo(x, y - 3);
    context.lineTo(x + width - point, y - 3);
    context.lineTo(x + width, y);
    context.lineTo(x + width - point, y + 3);
    context.lineTo(x, y + 3);
    context.fill();
  } else if (state === "succeeded" || width < 3) context.fillRect(x, y - 2.5, width, 5);
  else if (state === "deferred") {
    context.fillRect(x, y - 2.5, width, 1.5);
    context.fillRect(x, y + 1, width, 1.5);
  } else if (state === "up_for_retry")
    for (let at = 0; at + 2 <= width; at += 4) context.fillRect(x + at, y - 2.5, 2, 5);
  else {
    context.lineWidth = 1;
    context.strokeRect(x + 0.5, y - 2, width - 1, 4);
  }
}

const TONES = { fresh: "succeeded", nearly: "up_for_retry", late: "failed" } as const;

function drawAge(
  context: CanvasRenderingContext2D,
  { part, tone }: NonNullable<ShownNode["age"]>,
  x: number,
  y: number,
  width: number,
  colours: Palette,
): void {
  context.fillStyle = colours.states[TONES[tone]];
  context.fillRect(x, y - 1.5, width * part, 3);
  if (tone === "late") context.fillRect(x + width - 2, y - 6, 2, 12);
}

interface Look {
  readonly ground: string;
  readonly quiet: boolean;
  readonly bold: boolean;
  readonly change: Change | undefined;
}

const SIGNS = { added: "+", removed: "−", changed: "~" } as const;

function drawWords(
  context: CanvasRenderingContext2D,
  node: ShownNode,
  { x, y, width }: { x: number; y: number; width: number },
  { ground, quiet, bold, change }: Look,
  colours: Palette,
): void {
  const left = node.state === null ? x : x + 17;
  if (node.state !== null) drawMark(context, node.state, x, y - 18, colours.states[node.state], ground);
  context.fillStyle = quiet ? colours.ink2 : colours.ink;
  context.font = `${bold ? 600 : 400} 13px ${colours.sans}`;
  const note = node.note === "" ? 0 : node.note.length * 6.2 + 8;
  context.fillText(
    fitted(
      context,
      `${change === undefined ? "" : `${SIGNS[change]} `}${node.label ?? node.name}`,
      x + width - left - note,
    ),
    left,
    y - 7,
  );
  context.font = `400 11px ${colours.sans}`;
  context.fillStyle = colours.ink3;
  if (node.note !== "") {
    context.textAlign = "right";
    context.fillText(node.note, x + width, y - 7);
    context.textAlign = "left";
  }
  if (node.figure !== "") context.fillText(fitted(context, node.figure, x + width - left), left, y + 15);
}

function line(context: CanvasRenderingContext2D, from: number, to: number, y: number): void {
  context.beginPath();
  context.moveTo(from, y);
  context.lineTo(to, y);
  context.stroke();
}

function fitted(context: CanvasRenderingContext2D, text: string, width: number): string {
  if (text.length * 5 < width || context.measureText(text).width <= width) return text;
  let [low, high] = [1, text.length];
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (context.measureText(`${text.slice(0, middle)}…`).width <= width) low = middle;
    else high = middle - 1;
  }
  return `${text.slice(0, low)}…`;
}
