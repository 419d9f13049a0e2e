import { type KeyboardEvent, type PointerEvent, useRef } from "react";
import { Link } from "@tanstack/react-router";
import type { Day, Month } from "../../calendar/months.ts";
import { Mark } from "../../components/mark.tsx";

export interface Painted {
  readonly from: string;
  readonly to: string;
}

interface CalendarProps {
  readonly months: readonly Month[];
  readonly painted: Painted | null;
  readonly onPaint: (painted: Painted | null) => void;
}

const NAMES = [
  "January",
  "February",
  "March",
  "April",
  "May",
  "June",
  "July",
  "August",
  "September",
  "October",
  "November",
  "December",
];
const DAYS = Array.from({ length: 31 }, (_, day) => day + 1);
const DAY_MS = 86_400_000;

/** A month a row, a day a column. A range is painted with the pointer, or with arrows and Shift; a press on a month's name takes it all. */
export function Calendar({ months, painted, onPaint }: CalendarProps) {
  const anchor = useRef<string | null>(null);
  const dateAt = (event: PointerEvent): string | null =>
    (document.elementFromPoint(event.clientX, event.clientY)?.closest("[data-date]") as HTMLElement | null)?.dataset[
      "date"
    ] ?? null;
  const paint = (to: string): void => {
    const from = anchor.current ?? to;
    onPaint(from < to ? { from, to } : { from: to, to: from });
  };
  const press = (event: KeyboardEvent): void => {
    if (event.key === "Escape") return onPaint(null);
    const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    const jump = { ArrowUp: -1, ArrowDown: 1 }[event.key];
    if (step === undefined && jump === undefined) return;
    event.preventDefault();
    const year = Number(months[0]!.days[0]!.date.slice(0, 4));
    const at = painted === null ? `${year}-01-01` : anchor.current === painted.to ? painted.from : painted.to;
    const next = moved(at, step ?? 0, jump ?? 0);
    if (!event.shiftKey) anchor.current = next;
    paint(next);
  };
  return (
    <table
      className="matrix"
      tabIndex={0}
      aria-label="Windows by day; arrows move, Shift paints a range"
      onKeyDown={press}
    >
      <thead>
        <tr>
          <th>
            <span className="out">month</span>
          </th>
          {DAYS.map((day) => (
            <th key={day} className={day % 5 === 0 || day === 1 ? "b" : undefined}>
              {day}
            </th>
          ))}
          <th className="num">done</th>
        </tr>
      </thead>
      <tbody
        onPointerDown={(event) => {
          const date = dateAt(event);
          if (date === null || event.button !== 0) return;
          anchor.current = date;
          paint(date);
        }}
        onPointerMove={(event) => {
          const date = event.buttons === 0 || anchor.current === null ? null : dateAt(event);
          if (date !== null) paint(date);
        }}
      >
        {months.map(({ month, days, done, of }) => (
          <tr key={month}>
            <th scope="row">
              <button
                type="button"
                className="pick"
                onClick={() => onPaint({ from: days[0]!.date, to: days.at(-1)!.date })}
              >
                {NAMES[month]}
              </button>
            </th>
            {days.map((day) => (
              <DayCell
                key={day.date}
                day={day}
                painted={painted !== null && day.date >= painted.from && day.date <= painted.to && day.state !== "none"}
              />
            ))}
            {Array.from({ length: 31 - days.length }, (_, at) => (
              <td key={`-${at}`} />
            ))}
            <td className="num dim">{of === 0 ? "–" : `${done} of ${of}`}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

const moved = (date: string, days: number, months: number): string => {
  const at = new Date(Date.parse(`${date}T00:00Z`) + days * DAY_MS);
  if (months !== 0) at.setUTCMonth(at.getUTCMonth() + months);
  return at.toISOString().slice(0, 10);
};

function DayCell({ day, painted }: { readonly day: Day; readonly painted: boolean }) {
  const { date, state, windows, run } = day;
  const words = `${date}: ${state === "none" ? "no window" : state === "future" ? "to come" : state}${windows > 1 ? `, ${windows} windows` : ""}`;
  const inside = (
    <>
      <span className="out">{words}</span>
      <DayMark state={state} />
    </>
  );
  return (
    <td
      data-date={state === "none" ? undefined : date}
      className={`${state}${painted ? " painted" : ""}`}
      title={words}
    >
      {run === null ? (
        inside
      ) : (
        <Link
          to="/runs/$run"
          params={{ run }}
          tabIndex={-1}
          draggable={false}
          onClick={(event) => !event.metaKey && !event.ctrlKey && event.detail < 2 && event.preventDefault()}
          onDoubleClick={() => window.open(`/runs/${run}`, "_self")}
        >
          {inside}
        </Link>
      )}
    </td>
  );
}

function DayMark({ state }: { readonly state: Day["state"] }) {
  if (state === "none") return null;
  if (state === "succeeded") return <i className="disc" />;
  if (state === "missing") return <i className="miss" />;
  if (state === "future") return <i className="tick inl" />;
  return <Mark state={state} />;
}
