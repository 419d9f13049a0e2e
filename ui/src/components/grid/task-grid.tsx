import { useVirtualizer } from "@tanstack/react-virtual";
import { type CSSProperties, type KeyboardEvent, type PointerEvent, useEffect, useId, useRef, useState } from "react";
import type { Grid, GridRun } from "../../api/workflows.ts";
import type { GridRow } from "../../grid/grid-rows.ts";
import { GridLine } from "./grid-line.tsx";
import { RunHeads } from "./run-heads.tsx";
import { mondays, months } from "../../grid/days.ts";
import { useSpacious } from "../narrow.ts";

/** A block of cells: from one line and run to another, both included. */
export interface Block {
  readonly rows: readonly [number, number];
  readonly runs: readonly [number, number];
}

interface TaskGridProps {
  readonly rows: readonly GridRow[];
  /** Oldest first. */
  readonly runs: readonly GridRun[];
  readonly states: Grid["states"];
  readonly block: Block | null;
  readonly onBlock: (block: Block | null) => void;
  readonly onOpen: (block: Block) => void;
  readonly onFold: (label: string) => void;
  readonly usual: number | null;
  readonly now: number;
}

const HEIGHT = 25;
/** Of the names, and of a run: on a large screen more. */
const WIDTHS = { usual: { label: 164, column: 15 }, spacious: { label: 260, column: 24 } } as const;
/** Of the name of a month. */
const MONTH_WIDTH = 56;
/** Fewer lines stand on the page as they are. */
const FEW = 40;

/** Runs × tasks. Arrows move, with Shift they draw a block; so does the pointer. */
export function TaskGrid({ rows, runs, states, block, onBlock, onOpen, onFold, usual, now }: TaskGridProps) {
  const { label, column } = useSpacious() ? WIDTHS.spacious : WIDTHS.usual;
  const scroller = useRef<HTMLDivElement>(null);
  const drag = useRef<{ readonly row: number; readonly run: number } | null>(null);
  const [focused, setFocused] = useState(false);
  const id = useId();
  const lines = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => HEIGHT,
    overscan: 10,
  });
  const newest = runs.at(-1)?.id;
  useEffect(() => {
    // The newest run is at the right, and in sight.
    if (scroller.current !== null) scroller.current.scrollLeft = scroller.current.scrollWidth;
  }, [newest]);
  const cellAt = (event: PointerEvent): { row: number; run: number } | null => {
    const box = scroller.current?.querySelector(".glines")?.getBoundingClientRect();
    if (box === undefined) return null;
    const row = Math.floor((event.clientY - box.top) / HEIGHT);
    const run = Math.floor((event.clientX - box.left - label) / column);
    return row < 0 || row >= rows.length || run < 0 || run >= runs.length ? null : { row, run };
  };
  const to = (cell: { row: number; run: number }, from = cell): void =>
    onBlock({ rows: ordered(from.row, cell.row), runs: ordered(from.run, cell.run) });
  const press = (event: KeyboardEvent): void => {
    const step = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] }[event.key];
    if (event.key === "Enter" && block !== null) return onOpen(block);
    if (event.key === "Escape") return onBlock(null);
    if (step === undefined) return;
    event.preventDefault();
    const at = block === null ? { row: 0, run: runs.length - 1 } : { row: block.rows[1], run: block.runs[1] };
    const next = { row: clamp(at.row + step[0]!, rows.length), run: clamp(at.run + step[1]!, runs.length) };
    to(next, event.shiftKey && block !== null ? { row: block.rows[0], run: block.runs[0] } : next);
    lines.scrollToIndex(next.row);
  };
  const many = rows.length > FEW;
  return (
    <div
      ref={scroller}
      className={many ? "tgrid many" : "tgrid"}
      role="grid"
      aria-label="Tasks and runs"
      aria-rowcount={rows.length + 1}
      aria-colcount={runs.length + 1}
      aria-multiselectable="true"
      aria-activedescendant={focused && block !== null ? `${id}-${block.rows[1]}-${block.runs[1]}` : undefined}
      tabIndex={0}
      onFocus={() => setFocused(true)}
      onBlur={() => setFocused(false)}
      onKeyDown={press}
    >
      <div
        className="ginner"
        style={
          {
            width: label + runs.length * column + 8,
            "--label": `${label}px`,
            "--column": `${column}px`,
          } as CSSProperties
        }
      >
        <RunHeads runs={runs} now={now} usual={usual} selected={block === null ? undefined : runs[block.runs[1]]?.id} />
        <div
          className="glines"
          style={{ height: lines.getTotalSize() }}
          onPointerDown={(event) => {
            const cell = cellAt(event);
            if (cell === null || event.button !== 0) return;
            drag.current = cell;
            to(cell);
          }}
          onPointerMove={(event) => {
            if (drag.current === null || event.buttons === 0) return;
            const cell = cellAt(event);
            if (cell !== null) to(cell, drag.current);
          }}
          onPointerUp={() => (drag.current = null)}
          onDoubleClick={() => block !== null && onOpen(block)}
        >
          {mondays(runs).map((at) => (
            <i key={at} className="monday" style={{ left: label + at * column }} aria-hidden="true" />
          ))}
          {lines.getVirtualItems().map(({ index, start }) => (
            <GridLine
              key={rows[index]!.key}
              row={rows[index]!}
              runs={runs}
              states={states as Record<string, string>}
              top={start}
              index={index}
              id={id}
              column={block === null ? -1 : block.runs[1]}
              selected={block !== null && index === block.rows[1]}
              frame={block !== null && index >= block.rows[0] && index <= block.rows[1] ? block.runs : null}
              edges={
                block === null ? "" : `${index === block.rows[0] ? " ft" : ""}${index === block.rows[1] ? " fb" : ""}`
              }
              onFold={onFold}
            />
          ))}
        </div>
        <div className="gmonths" aria-hidden="true">
          {months(runs, MONTH_WIDTH / column).map(({ at, text }) => (
            <span key={text} style={{ left: label + at * column }}>
              {text}
            </span>
          ))}
        </div>
      </div>
    </div>
  );
}

const ordered = (a: number, b: number): readonly [number, number] => (a < b ? [a, b] : [b, a]);
const clamp = (at: number, length: number): number => Math.max(0, Math.min(length - 1, at));
