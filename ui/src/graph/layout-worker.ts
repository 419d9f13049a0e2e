import { type GraphToDraw, layOutGraph, type Placed } from "./layout.ts";

export interface LayoutAsked {
  readonly id: number;
  readonly graph: GraphToDraw;
}

export interface LayoutDone {
  readonly id: number;
  readonly placed: Placed;
}

// Away from the page's own thread: five thousand tasks take tenths of a second.
addEventListener("message", ({ data: { id, graph } }: MessageEvent<LayoutAsked>) => {
  (globalThis as unknown as Worker).postMessage({ id, placed: layOutGraph(graph) } satisfies LayoutDone);
});
