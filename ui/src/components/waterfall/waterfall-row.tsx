import { memo } from "react";
import type { Progress } from "../../api/progress.ts";
import type { Piece } from "../../waterfall/pieces.ts";
import type { Row } from "../../waterfall/rows.ts";
import { durationText } from "../../words/duration-text.ts";
import { fullProgressText, progressText } from "../../words/progress-text.ts";
import { Mark } from "../mark.tsx";

interface WaterfallRowProps {
  readonly row: Row;
  readonly top: number;
  readonly begin: number;
  readonly length: number;
  readonly selected: boolean;
  readonly progress: Progress | null;
  readonly onSelect: (key: string) => void;
  readonly onFold: (key: string) => void;
}

const QUIET = ["skipped", "upstream_failed", "waiting", "removed", "cancelled"];
const CLASSES = { waiting: "wait", queued: "q", deferred: "deferred", retry_wait: "back", ran: "ran" } as const;
/** How a piece is told where it can't be seen. */
const WORDS = {
  waiting: "waiting",
  queued: "queued",
  deferred: "deferred",
  retry_wait: "waiting to retry",
  ran: "running",
} as const;

/** One line: its name, its pieces of time, how long it ran. */
export const WaterfallRow = memo(function WaterfallRow({
  row,
  top,
  begin,
  length,
  selected,
  progress,
  onSelect,
  onFold,
}: WaterfallRowProps) {
  const { key, kind, label, state, note, pieces, ranMs, folds } = row;
  const classes = [
    "w",
    kind !== "task" && "sub",
    kind === "attempt" && "at",
    selected && "sel",
    QUIET.includes(state) && "quiet",
  ];
  const place = ({ from, to }: Piece) => ({
    left: `${(Math.max(0, from - begin) / length) * 100}%`,
    width: `${(Math.max(0, Math.min(to, begin + length) - Math.max(from, begin)) / length) * 100}%`,
  });
  return (
    <li className={classes.filter(Boolean).join(" ")} style={{ transform: `translateY(${top}px)` }}>
      <span className="nm">
        {folds !== null && (
          <button
            type="button"
            className={folds === "open" ? "fold f1" : "fold f2"}
            aria-expanded={folds === "open"}
            aria-label={`parts of ${label}`}
            onClick={() => onFold(key)}
          />
        )}
        <Mark state={state} />
        <button type="button" className="cut pick" aria-pressed={selected} onClick={() => onSelect(key)} title={label}>
          <span className="out">{state}: </span>
          {label}
        </button>
        {note !== "" && <em>{note}</em>}
        {progress !== null && <em title={fullProgressText(progress)}>{progressText(progress)}</em>}
      </span>
      <span className="tr" role="img" aria-label={told(pieces)} onClick={() => onSelect(key)}>
        {pieces.map((piece) => (
          <i
            key={`${piece.kind}${piece.from}`}
            className={`sg ${CLASSES[piece.kind]}${piece.kind === "ran" ? ` ${piece.state}` : ""}`}
            style={place(piece)}
            title={`${WORDS[piece.kind]} ${durationText(piece.to - piece.from)}`}
          />
        ))}
      </span>
      <span className="du">{pieces.some((piece) => piece.kind === "ran") ? durationText(ranMs) : "–"}</span>
    </li>
  );
});

const told = (pieces: readonly Piece[]): string =>
  pieces.length === 0
    ? "no time"
    : pieces.map((piece) => `${WORDS[piece.kind]} ${durationText(piece.to - piece.from)}`).join(", ");
