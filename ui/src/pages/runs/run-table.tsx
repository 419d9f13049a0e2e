import { Link, useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import type { Run } from "../../api/runs.ts";
import { ChooseAllBox, ChooseBox, RowOutcome } from "../../components/bulk/choose-box.tsx";
import { rowClass, type Rows } from "../../components/bulk/use-rows.ts";
import { StateWord } from "../../components/mark.tsx";
import { Moment } from "../../components/moment.tsx";
import { useNow } from "../../components/now.ts";
import { useRowKeys } from "../../components/rows-nav.ts";
import { lengthOf } from "../../words/run-length.ts";
import { useShortcut } from "../../components/shortcuts.ts";
import { Proportions } from "../../components/proportions.tsx";
import { durationText } from "../../words/duration-text.ts";
import { runFor } from "../../words/run-for.ts";

interface RunTableProps {
  readonly runs: readonly Run[];
  readonly rows: Rows;
}

/** A line a run. */
export function RunTable({ runs, rows }: RunTableProps) {
  const now = useNow(runs.some(({ endedAt, startedAt }) => endedAt === null && startedAt !== null));
  const navigate = useNavigate();
  const [selected, select] = useState<string | null>(null);
  useRowKeys(
    runs.map(({ id }) => id),
    selected,
    select,
  );
  useShortcut("Enter", () => selected !== null && void navigate({ to: "/runs/$run", params: { run: selected } }));
  useShortcut("Escape", () => select(null));
  useShortcut(rows.mayAct ? "x" : undefined, () => selected !== null && rows.press(selected, false));
  useShortcut(rows.mayAct ? "X" : undefined, () => selected !== null && rows.press(selected, true));
  return (
    <table className="runs">
      <thead>
        <tr>
          {rows.mayAct && (
            <th className="ch">
              <ChooseAllBox rows={rows} of="runs" />
            </th>
          )}
          <th>state</th>
          <th>workflow</th>
          <th>date</th>
          <th className="roomy">began</th>
          <th className="num">took</th>
          <th className="wide">tasks</th>
          <th className="wide">by</th>
          <th className="wide">code</th>
        </tr>
      </thead>
      <tbody>
        {runs.map((run) => (
          <tr key={run.id} className={rowClass(run.id === selected, rows.chosen.has(run.id))}>
            {rows.mayAct && (
              <td className="ch">
                <ChooseBox rows={rows} id={run.id} name={`${run.workflow} ${runFor(run)}`} />
              </td>
            )}
            <td>
              <StateWord state={run.state}>
                {run.cancelRequested && run.endedAt === null ? "cancelling" : run.state}
              </StateWord>
              <RowOutcome rows={rows} id={run.id} />
            </td>
            <td>
              <Link to="/workflows/$workflow" params={{ workflow: run.workflow }} className="wrap">
                {run.workflow}
              </Link>
            </td>
            <td>
              <Link to="/runs/$run" params={{ run: run.id }}>
                <b>{runFor(run)}</b>
              </Link>
              {run.generation > 1 && <span className="faint"> retried</span>}
            </td>
            <td className="nowrap roomy">
              <Moment at={run.startedAt ?? run.createdAt} zone={run.timezone} />
            </td>
            <td className="num">{run.startedAt === null ? "–" : durationText(lengthOf(run, now))}</td>
            <td className="wide">
              <Proportions counts={run.tasks} />
            </td>
            <td className="wide dim">{run.trigger}</td>
            <td className="wide dim mono">{run.version.slice(0, 8)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
