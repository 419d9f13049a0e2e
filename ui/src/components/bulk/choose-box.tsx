import { useEffect, useRef } from "react";
import type { Rows } from "./use-rows.ts";

/** The box of a row. With Shift, everything from the box that was pressed before. */
export function ChooseBox({ rows, id, name }: { readonly rows: Rows; readonly id: string; readonly name: string }) {
  return (
    <input
      type="checkbox"
      className="choose"
      aria-label={`choose ${name}`}
      checked={rows.chosen.has(id)}
      onChange={({ nativeEvent }) => rows.press(id, (nativeEvent as MouseEvent).shiftKey)}
    />
  );
}

/** The box above them: all that are on the screen. */
export function ChooseAllBox({ rows, of }: { readonly rows: Rows; readonly of: string }) {
  const element = useRef<HTMLInputElement>(null);
  const { size } = rows.chosen;
  const isFull = size > 0 && size === rows.shown.length;
  useEffect(() => {
    if (element.current !== null) element.current.indeterminate = size > 0 && !isFull;
  }, [size, isFull]);
  return (
    <input
      ref={element}
      type="checkbox"
      className="choose"
      aria-label={`choose all ${of} that are shown`}
      checked={isFull}
      onChange={() => rows.pressAll()}
    />
  );
}

/** What came of the act on a row, under its state. */
export function RowOutcome({ rows, id }: { readonly rows: Rows; readonly id: string }) {
  const outcome = rows.outcomes.get(id);
  return typeof outcome === "string" ? <p className="err wrap outcome">{outcome}</p> : null;
}
