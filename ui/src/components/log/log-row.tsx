import { memo } from "react";
import { styledParts } from "../../log/ansi.ts";
import type { LogLine } from "../../log/log-line.ts";
import { shownLine } from "../../log/shown-line.ts";
import { count } from "../../words/count-text.ts";
import { hoverText, millisText } from "../../words/time-text.ts";

interface LogRowProps {
  readonly number: number;
  /** Its place among the lines that are here. */
  readonly index: number;
  readonly line: LogLine;
  readonly top: number;
  readonly measure: (element: HTMLElement | null) => void;
  readonly selected: boolean;
  readonly whole: boolean;
  readonly onWhole: () => void;
  readonly onSelect: (line: number | undefined) => void;
}

/** One line; its number is its address. Whatever is in it is text. */
export const LogRow = memo(function LogRow({
  number,
  index,
  line,
  top,
  measure,
  selected,
  whole,
  onWhole,
  onSelect,
}: LogRowProps) {
  const { text, cut } = shownLine(line, whole);
  const at = Date.parse(line.at);
  const where = line.mapIndex === null ? line.task : `${line.task}[${line.mapIndex}]`;
  return (
    <div
      ref={measure}
      data-index={index}
      className={`l ${line.level}${selected ? " sel" : ""}`}
      style={{ transform: `translateY(${top}px)` }}
    >
      <button
        type="button"
        className="ln"
        aria-pressed={selected}
        aria-label={`line ${number}`}
        onClick={() => onSelect(selected ? undefined : number)}
      >
        {number}
      </button>
      <span className="t" title={`${hoverText(at)}  ${where ?? ""} attempt ${line.attempt ?? "?"}`}>
        {millisText(at)}
      </span>
      <span className="lv">{line.level}</span>
      <span className="m">
        {styledParts(text).map(({ text: part, look }, place) =>
          look === "" ? (
            part
          ) : (
            <span key={place} className={look}>
              {part}
            </span>
          ),
        )}
        {cut > 0 && (
          <button type="button" className="link" onClick={onWhole}>
            and {count(cut, "character")}
          </button>
        )}
      </span>
    </div>
  );
});
