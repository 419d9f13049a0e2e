import type { State } from "../../words/state.ts";

interface Stroke {
  readonly path: string;
  /** Width of the line; absent: it is filled. */
  readonly width?: number;
  readonly dash?: readonly number[];
  /** Drawn in the colour of the ground. */
  readonly off?: true;
}

const circle = (r: number): string => `M${7 - r} 7a${r} ${r} 0 1 0 ${2 * r} 0a${r} ${r} 0 1 0 ${-2 * r} 0`;

/** The marks of `mark-shapes.tsx`, for canvases. */
const SHAPES: Readonly<Record<State, readonly Stroke[]>> = {
  waiting: [{ path: circle(4.6), width: 1.3 }],
  queued: [{ path: circle(5.2), width: 1.5 }, { path: circle(2.1) }],
  running: [{ path: "M2.5 1.2 13 7 2.5 12.8Z" }],
  deferred: [{ path: "M2.6 1.5h3.2v11H2.6zM8.2 1.5h3.2v11H8.2z" }],
  up_for_retry: [{ path: "M11.9 8.2A5 5 0 1 1 10.6 3.6", width: 1.9 }, { path: "M13.4.9v5H8.4z" }],
  succeeded: [{ path: circle(6) }, { path: "m4.1 7.2 2.1 2.1 3.8-4.4", width: 1.5, off: true }],
  failed: [{ path: "M.8.8h12.4v12.4H.8z" }, { path: "m4 4 6 6m0-6-6 6", width: 1.8, off: true }],
  upstream_failed: [{ path: "M1.6 1.6h10.8v10.8H1.6zM7 10.6V4M4.3 6.4 7 3.7l2.7 2.7", width: 1.5 }],
  skipped: [{ path: "m2 2.4 4.6 4.6L2 11.6m5.6-9.2L12.2 7l-4.6 4.6", width: 1.8 }],
  cancelled: [{ path: circle(6) }, { path: "M3.6 7h6.8", width: 1.9, off: true }],
  removed: [{ path: "M1.6 1.6h10.8v10.8H1.6zM4.5 7h5", width: 1.3, dash: [1.8, 1.8] }],
};

const paths = new Map<string, Path2D>();

function pathOf(text: string): Path2D {
  let path = paths.get(text);
  if (path === undefined) paths.set(text, (path = new Path2D(text)));
  return path;
}

/** Draws a mark with its upper left corner at (x, y), 12 wide. */
export function drawMark(
  context: CanvasRenderingContext2D,
  state: State,
  x: number,
  y: number,
  colour: string,
  ground: string,
): void {
  context.save();
  context.translate(x, y);
  context.scale(12 / 14, 12 / 14);
  for (const { path, width, dash, off } of SHAPES[state]) {
    context.setLineDash(dash === undefined ? [] : [...dash]);
    if (width === undefined) {
      context.fillStyle = off === true ? ground : colour;
      context.fill(pathOf(path));
    } else {
      context.lineWidth = width;
      context.strokeStyle = off === true ? ground : colour;
      context.stroke(pathOf(path));
    }
  }
  context.restore();
}
