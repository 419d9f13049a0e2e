import { type PointerEvent, useCallback, useEffect, useRef, useState } from "react";
import type { Placed } from "../../graph/layout.ts";
import type { View } from "./draw-graph.ts";

interface Size {
  readonly width: number;
  readonly height: number;
}

const LEAST = 0.04;
const MOST = 2;
const EDGE = 24;
/** On a phone its names are read, and it is moved with a finger. */
const NARROW = 500;
const READABLE = 0.8;

/** What of a graph is in sight: moved with the pointer, nearer and further with the wheel or by buttons. */
export function useView(element: React.RefObject<HTMLElement | null>, placed: Placed | null) {
  const [size, setSize] = useState<Size>({ width: 0, height: 0 });
  const [view, setView] = useState<View>({ x: EDGE, y: EDGE, scale: 1 });
  const touched = useRef(false);
  useEffect(() => {
    const { current } = element;
    if (current === null) return;
    const seen = new ResizeObserver(() => setSize({ width: current.clientWidth, height: current.clientHeight }));
    seen.observe(current);
    return () => seen.disconnect();
  }, [element]);
  const fit = useCallback((): void => {
    if (placed !== null && size.width > 0) setView(fitting(placed, size));
  }, [placed, size]);
  useEffect(() => {
    if (!touched.current) fit();
  }, [fit]);
  const zoom = useCallback(
    (by: number, at: { x: number; y: number } = { x: size.width / 2, y: size.height / 2 }): void => {
      touched.current = true;
      setView(({ x, y, scale }) => {
        const next = Math.min(MOST, Math.max(LEAST, scale * by));
        return { scale: next, x: at.x - ((at.x - x) / scale) * next, y: at.y - ((at.y - y) / scale) * next };
      });
    },
    [size],
  );
  useEffect(() => {
    const { current } = element;
    const turn = (event: WheelEvent): void => {
      if (!event.ctrlKey && !event.metaKey) return;
      event.preventDefault();
      const box = current!.getBoundingClientRect();
      zoom(Math.exp(-event.deltaY / 300), { x: event.clientX - box.left, y: event.clientY - box.top });
    };
    current?.addEventListener("wheel", turn, { passive: false });
    return () => current?.removeEventListener("wheel", turn);
  }, [element, zoom]);
  const drag = useRef<{ x: number; y: number; moved: boolean } | null>(null);
  const handlers = {
    onPointerDown: (event: PointerEvent): void => {
      drag.current = { x: event.clientX, y: event.clientY, moved: false };
    },
    onPointerMove: (event: PointerEvent): void => {
      const { current } = drag;
      if (current === null || event.buttons === 0) return;
      const [dx, dy] = [event.clientX - current.x, event.clientY - current.y];
      if (!current.moved && Math.hypot(dx, dy) < 4) return;
      if (!current.moved) event.currentTarget.setPointerCapture(event.pointerId);
      touched.current = true;
      drag.current = { x: event.clientX, y: event.clientY, moved: true };
      setView(({ x, y, scale }) => ({ x: x + dx, y: y + dy, scale }));
    },
  };
  /** Brings a place into sight, when it is not. */
  const show = useCallback(
    ({ x, y }: { readonly x: number; readonly y: number }): void =>
      setView((now) => {
        const [left, top] = [now.x + x * now.scale, now.y + y * now.scale];
        if (left > EDGE && left < size.width - 160 && top > EDGE && top < size.height - EDGE) return now;
        touched.current = true;
        return { ...now, x: size.width / 2 - x * now.scale, y: size.height / 2 - y * now.scale };
      }),
    [size],
  );
  const wasDragged = (): boolean => drag.current?.moved === true;
  return { view, size, fit: () => ((touched.current = false), fit()), zoom, handlers, show, wasDragged };
}

/** All of it; where there is little room, as much as can be read, from its beginning. */
function fitting({ width, height }: Placed, size: Size): View {
  const whole = Math.min((size.width - 2 * EDGE) / width, (size.height - 2 * EDGE) / height, 1);
  const scale = Math.max(size.width < NARROW ? READABLE : LEAST, whole);
  return { scale, x: EDGE, y: Math.max(EDGE, Math.min((size.height - height * scale) / 2, 60)) };
}
