import { useEffect, useState } from "react";
import type { GraphToDraw, Placed } from "./layout.ts";
import type { LayoutAsked, LayoutDone } from "./layout-worker.ts";

let worker: Worker | null = null;
let last = 0;
const waiting = new Map<number, (placed: Placed) => void>();

function layOut(graph: GraphToDraw): Promise<Placed> {
  if (worker === null) {
    worker = new Worker(new URL("./layout-worker.ts", import.meta.url), { type: "module" });
    worker.addEventListener("message", ({ data: { id, placed } }: MessageEvent<LayoutDone>) => {
      waiting.get(id)?.(placed);
      waiting.delete(id);
    });
  }
  const id = ++last;
  worker.postMessage({ id, graph } satisfies LayoutAsked);
  return new Promise((resolve) => waiting.set(id, resolve));
}

/** Where everything of a graph stands, once that is known. The one before stays until then. */
export function useLayout(graph: GraphToDraw): Placed | null {
  const [placed, setPlaced] = useState<Placed | null>(null);
  const key = JSON.stringify(graph);
  useEffect(() => {
    let wanted = true;
    void layOut(JSON.parse(key) as GraphToDraw).then((found) => {
      if (wanted) setPlaced(found);
    });
    return () => {
      wanted = false;
    };
  }, [key]);
  return placed;
}
