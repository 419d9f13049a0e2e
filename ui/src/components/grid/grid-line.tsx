import { memo } from "react";
import type { GridRun } from "../../api/workflows.ts";
import { cellOf, type GridRow } from "../../grid/grid-rows.ts";
import { figure } from "../../words/count-text.ts";
import type { State } from "../../words/state.ts";
import { runFor } from "../../words/run-for.ts";

interface GridLineProps {
  readonly row: GridRow;
  readonly runs: readonly GridRun[];
  readonly states: Readonly<Record<string, string>>;
  readonly top: number;
  readonly index: number;
  /** The place of the selected run; -1: none. */
  readonly column: number;
  readonly selected: boolean;
  /** From and to which run a block is framed here. */
  readonly frame: readonly [number, number] | null;
  /** The first, and the last line of that block. */
  readonly edges: string;
  readonly onFold: (label: string) => void;
  readonly id: string;
}

/** A line of the grid. Ended well is a plain disc; the rest has its mark. */
export const GridLine = memo(function GridLine({
  row,
  runs,
  states,
  top,
  index,
  column,
  selected,
  frame,
  edges,
  onFold,
  id,
}: GridLineProps) {
  const { label, kind, depth, open, note } = row;
  return (
    <div
      role="row"
      aria-rowindex={index + 2}
      className={selected ? "gl sel" : "gl"}
      style={{ transform: `translateY(${top}px)` }}
    >
      <div role="rowheader" className="lab" style={{ paddingLeft: 14 + depth * 15 }}>
        {kind === "group" && (
          <button
            type="button"
            tabIndex={-1}
            className={open ? "fold f1" : "fold f2"}
            aria-expanded={open}
            aria-label={`tasks of ${label}`}
            onClick={() => onFold(label)}
          />
        )}
        <span className="cut" title={label}>
          {label}
        </span>
        {note !== "" && <em>{note}</em>}
      </div>
      {runs.map((run, at) => (
        <Cell
          key={run.id}
          id={`${id}-${index}-${at}`}
          state={cellOf(row, run.cells, states)}
          isGroup={kind === "group"}
          label={label}
          date={runFor(run)}
          parts={
            row.columns.length === 1
              ? (run.mapped as Record<string, Partial<Record<State, number>>>)[String(row.columns[0])]
              : undefined
          }
          cross={at === column}
          frame={
            frame !== null && at >= frame[0] && at <= frame[1]
              ? `${at === frame[0] ? " fl" : ""}${at === frame[1] ? " fr" : ""}${edges} fm`
              : ""
          }
        />
      ))}
    </div>
  );
});

interface CellProps {
  readonly id: string;
  readonly state: State | null;
  readonly isGroup: boolean;
  readonly label: string;
  readonly date: string;
  readonly parts: Partial<Record<State, number>> | undefined;
  readonly cross: boolean;
  readonly frame: string;
}

function Cell({ id, state, isGroup, label, date, parts, cross, frame }: CellProps) {
  const some =
    parts === undefined
      ? ""
      : ` (${Object.entries(parts)
          .map(([each, n]) => `${figure(n)} ${each}`)
          .join(", ")})`;
  const words = `${label}, ${date}: ${state ?? "not there"}${some}`;
  return (
    <div role="gridcell" id={id} className={`gc${cross ? " cross" : ""}${frame}`} aria-label={words} title={words}>
      {state === null ? null : isGroup && state === "succeeded" ? (
        <i className="dash" />
      ) : state === "succeeded" ? (
        <i className={parts === undefined ? "disc" : "disc some"} />
      ) : (
        <svg className={`mk ${state}`} aria-hidden="true">
          <use href={`#m-${state}`} />
        </svg>
      )}
    </div>
  );
}
