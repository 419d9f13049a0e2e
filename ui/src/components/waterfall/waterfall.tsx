import { useVirtualizer } from "@tanstack/react-virtual";
import { useEffect, useRef } from "react";
import { progressOf, type ProgressOfRun } from "../../api/progress.ts";
import type { Waterfall as Drawn } from "../../waterfall/rows.ts";
import { ticksOf } from "../../waterfall/axis.ts";
import { useRowKeys } from "../rows-nav.ts";
import { useShortcut } from "../shortcuts.ts";
import { WaterfallKey } from "./waterfall-key.tsx";
import { WaterfallRow } from "./waterfall-row.tsx";
import { useNarrow } from "../narrow.ts";

interface WaterfallProps {
  readonly drawn: Drawn;
  readonly selected: string | null;
  readonly onSelect: (key: string | null) => void;
  readonly onFold: (key: string) => void;
  /** A moment to mark, in milliseconds. */
  readonly at?: number | undefined;
  readonly progress: ProgressOfRun;
}

/** Rows above this are scrolled in a window of their own; fewer stand on the page as they are. */
const FEW = 60;

/** Where the time of a run went. Only the lines that are in sight are in the page. */
export function Waterfall({ drawn, selected, onSelect, onFold, at, progress }: WaterfallProps) {
  const { rows, begin, end } = drawn;
  const narrow = useNarrow();
  const ticks = ticksOf(begin, end);
  const scroller = useRef<HTMLDivElement>(null);
  const height = narrow ? 40 : 23;
  const lines = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => height,
    overscan: 12,
  });
  useEffect(() => lines.measure(), [height, lines]);
  useRowKeys(
    rows.map(({ key }) => key),
    selected,
    (key) => {
      onSelect(key);
      lines.scrollToIndex(rows.findIndex((row) => row.key === key));
    },
  );
  useShortcut("Escape", () => onSelect(null));
  const place = (moment: number): number => ((moment - begin) / (end - begin)) * 100;
  return (
    <div className="waterfall">
      <div className="whead">
        <span className="cap">task</span>
        <div className="axis" aria-hidden="true">
          {ticks.map(({ at: where, text }) => (
            <span key={text} style={{ left: `${where * 100}%`, ...(where === 0 ? { transform: "none" } : {}) }}>
              {text}
            </span>
          ))}
        </div>
        <span className="cap num">ran</span>
      </div>
      <div className={rows.length > FEW ? "wf many" : "wf"} ref={scroller} tabIndex={rows.length > FEW ? 0 : undefined}>
        <div className="grid0" aria-hidden="true" style={{ height: lines.getTotalSize() }}>
          <span />
          <div className="lines">
            {ticks.slice(1).map(({ at: where }) => (
              <i key={where} className="vline" style={{ left: `${where * 100}%` }} />
            ))}
            {at !== undefined && <i className="now" style={{ left: `${place(at)}%` }} />}
          </div>
          <span />
        </div>
        <ul aria-label="Tasks" style={{ height: lines.getTotalSize(), position: "relative" }}>
          {lines.getVirtualItems().map(({ index, start }) => {
            const row = rows[index]!;
            return (
              <WaterfallRow
                key={row.key}
                row={row}
                top={start}
                begin={begin}
                length={end - begin}
                selected={row.key === selected}
                progress={row.kind === "attempt" ? null : progressOf(progress, row.taskRun)}
                onSelect={onSelect}
                onFold={onFold}
              />
            );
          })}
        </ul>
      </div>
      <WaterfallKey />
    </div>
  );
}
