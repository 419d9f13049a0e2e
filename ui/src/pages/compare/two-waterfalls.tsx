import { Link } from "@tanstack/react-router";
import { useMemo } from "react";
import { Mark } from "../../components/mark.tsx";
import { ticksOf } from "../../waterfall/axis.ts";
import type { Piece } from "../../waterfall/pieces.ts";
import { type Row, waterfallOf } from "../../waterfall/rows.ts";
import { differenceText, durationText } from "../../words/duration-text.ts";
import type { ComparedRun } from "./compare-page.tsx";

const NONE: ReadonlySet<string> = new Set();
const SHOWN = 400;

/** Both runs, task by task, on one scale of time: the earlier above, the later below. */
export function TwoWaterfalls({ left, right }: { readonly left: ComparedRun; readonly right: ComparedRun }) {
  const [a, b] = useMemo(() => [drawn(left), drawn(right)], [left, right]);
  const length = Math.max(a.end - a.begin, b.end - b.begin, 1);
  const names = [...new Set([...b.rows, ...a.rows].map(({ task }) => task))];
  const ofA = new Map(a.rows.map((row) => [row.task, row]));
  const ofB = new Map(b.rows.map((row) => [row.task, row]));
  return (
    <>
      <div className="whead">
        <span className="cap">task</span>
        <div className="axis" aria-hidden="true">
          {ticksOf(0, length)
            .slice(1)
            .map(({ at, text }) => (
              <span key={text} style={{ left: `${at * 100}%` }}>
                {text}
              </span>
            ))}
        </div>
        <span className="cap num">differs</span>
      </div>
      <ul className="twofold">
        {names.slice(0, SHOWN).map((task) => {
          const [one, two] = [ofA.get(task), ofB.get(task)];
          return (
            <li key={task}>
              <span className="cut nm">
                <Mark state={two?.state ?? one?.state ?? "waiting"} />{" "}
                <Link to="/runs/$run" params={{ run: right.run.id }} search={{ task }}>
                  {task}
                </Link>
              </span>
              <span className="pair">
                <Line row={one} begin={a.begin} length={length} word="earlier" />
                <Line row={two} begin={b.begin} length={length} word="later" />
              </span>
              <span className="num">{hasRun(one) && hasRun(two) ? differenceText(two.ranMs - one.ranMs) : "–"}</span>
            </li>
          );
        })}
      </ul>
    </>
  );
}

const drawn = ({ run, graph, taskRuns, attempts }: ComparedRun) => {
  const { rows, begin, end } = waterfallOf({ run, graph, taskRuns, attempts, open: NONE, now: Date.now() });
  return { begin, end, rows: rows.filter(({ kind }) => kind === "task") };
};

const hasRun = (row: Row | undefined): row is Row => row?.pieces.some(({ kind }) => kind === "ran") === true;

interface LineProps {
  readonly row: Row | undefined;
  readonly begin: number;
  readonly length: number;
  readonly word: string;
}

const CLASSES = { waiting: "wait", queued: "q", deferred: "deferred", retry_wait: "back", ran: "ran" } as const;

function Line({ row, begin, length, word }: LineProps) {
  const place = ({ from, to }: Piece) => ({
    left: `${((from - begin) / length) * 100}%`,
    width: `${((to - from) / length) * 100}%`,
  });
  return (
    <span
      className="tr"
      role="img"
      aria-label={row === undefined ? `${word}: not there` : `${word}: ${row.state}, ran ${durationText(row.ranMs)}`}
    >
      {row?.pieces.map((piece) => (
        <i
          key={`${piece.kind}${piece.from}`}
          className={`sg ${CLASSES[piece.kind]}${piece.kind === "ran" ? ` ${piece.state}` : ""}`}
          style={place(piece)}
        />
      ))}
    </span>
  );
}
