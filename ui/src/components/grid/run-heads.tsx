import { Link } from "@tanstack/react-router";
import type { GridRun } from "../../api/workflows.ts";
import { mondays } from "../../grid/days.ts";
import { durationText } from "../../words/duration-text.ts";
import { lengthOf } from "../../words/run-length.ts";
import { runFor } from "../../words/run-for.ts";

interface RunHeadsProps {
  readonly runs: readonly GridRun[];
  readonly now: number;
  readonly selected: string | undefined;
  /** What nearly all runs stay below, in milliseconds. */
  readonly usual: number | null;
}

const HEIGHT = 40;
/** Of a key, below a column: the whole is its title. */
const SHORT = 3;

/** Above the columns: how long each run took, where the code changed, which day it is. */
export function RunHeads({ runs, now, selected, usual }: RunHeadsProps) {
  const lengths = runs.map((run) => lengthOf(run, now));
  const longest = Math.max(usual ?? 0, ...lengths, 1);
  const weeks = new Set(mondays(runs));
  return (
    <div className="heads" role="row" aria-rowindex={1}>
      <span role="columnheader" className="out">
        task
      </span>
      <span className="scale" aria-hidden="true">
        {usual !== null && usual / longest > 0.6 && (
          <em style={{ bottom: 15 + (usual / longest) * HEIGHT }}>{durationText(usual)}</em>
        )}
        <em style={{ bottom: 22 }}>run time</em>
      </span>
      {usual !== null && <i className="usual" style={{ bottom: 22 + (usual / longest) * HEIGHT }} aria-hidden="true" />}
      {runs.map((run, at) => {
        const { id, state, date, version, partition } = run;
        const isNew = version !== runs[at - 1]?.version;
        return (
          <span key={id} role="columnheader">
            <Link
              to="/runs/$run"
              params={{ run: id }}
              className={["col", isNew && at > 0 && "ver", id === selected && "sel"].filter(Boolean).join(" ")}
              title={`${runFor(run)}: ${state}, ${durationText(lengths[at] ?? 0)}, code ${version.slice(0, 8)}`}
            >
              <span className="out">
                run {runFor(run)}, {state}, {durationText(lengths[at] ?? 0)}
              </span>
              {isNew && (
                <span className="vt" aria-hidden="true">
                  {version.slice(0, 6)}
                </span>
              )}
              <i className={`rb ${state}`} style={{ height: Math.max(2, (lengths[at]! / longest) * HEIGHT) }} />
              <span aria-hidden="true" className={weeks.has(at) || id === selected ? "dt" : "dt dim0"}>
                {partition === undefined ? dayOf(date) : partition.slice(0, SHORT)}
              </span>
            </Link>
          </span>
        );
      })}
    </div>
  );
}

const dayOf = (date: string): string => String(Number(date.slice(8, 10)) || "");
