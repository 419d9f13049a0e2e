import { useQuery } from "@tanstack/react-query";
import { Link, useNavigate } from "@tanstack/react-router";
import { memo, useMemo, useState } from "react";
import { ChooseAllBox, ChooseBox, RowOutcome } from "../../components/bulk/choose-box.tsx";
import { rowClass, type Rows } from "../../components/bulk/use-rows.ts";
import { type BarRun, RunBars } from "../../components/run-bars.tsx";
import { Mark } from "../../components/mark.tsx";
import { Moment } from "../../components/moment.tsx";
import { useNow } from "../../components/now.ts";
import { useRowKeys } from "../../components/rows-nav.ts";
import { useShortcut } from "../../components/shortcuts.ts";
import { recentRunsQuery } from "../../api/overview.ts";
import type { Workflow } from "../../api/workflows.ts";
import { figure } from "../../words/count-text.ts";
import { durationText } from "../../words/duration-text.ts";

const NONE: readonly never[] = [];

interface WorkflowTableProps {
  readonly workflows: readonly Workflow[];
  readonly rows: Rows;
}

/** A line each: how it is, what its last runs were like, when it fires next. */
export function WorkflowTable({ workflows, rows }: WorkflowTableProps) {
  const { data: recent } = useQuery(recentRunsQuery);
  const lastRuns = useMemo(() => new Map(recent?.map((each) => [each.workflow, each.runs])), [recent]);
  const now = useNow(true, 30_000);
  const navigate = useNavigate();
  const [selected, select] = useState<string | null>(null);
  useRowKeys(
    workflows.map(({ name }) => name),
    selected,
    select,
  );
  useShortcut(
    "Enter",
    () => selected !== null && void navigate({ to: "/workflows/$workflow", params: { workflow: selected } }),
  );
  useShortcut("Escape", () => select(null));
  useShortcut(rows.mayAct ? "x" : undefined, () => selected !== null && rows.press(selected, false));
  useShortcut(rows.mayAct ? "X" : undefined, () => selected !== null && rows.press(selected, true));
  return (
    <table className="workflows">
      <thead>
        <tr>
          {rows.mayAct && (
            <th className="ch">
              <ChooseAllBox rows={rows} of="workflows" />
            </th>
          )}
          <th className="name">workflow</th>
          <th className="roomy">last runs</th>
          <th>last</th>
          <th className="roomy">next</th>
          <th className="wide">tags</th>
          <th className="num wide">tasks</th>
          <th className="num">runs</th>
        </tr>
      </thead>
      <tbody>
        {workflows.map((workflow) => (
          <Row
            key={workflow.name}
            workflow={workflow}
            runs={lastRuns.get(workflow.name) ?? NONE}
            now={now}
            selected={workflow.name === selected}
            rows={rows}
          />
        ))}
      </tbody>
    </table>
  );
}

interface RowProps {
  readonly workflow: Workflow;
  readonly runs: readonly BarRun[];
  readonly now: number;
  readonly selected: boolean;
  readonly rows: Rows;
}

function Row({ workflow, runs, now, selected, rows }: RowProps) {
  const { name, description, tags, tasks, lastRun, nextRun, paused } = workflow;
  const all = Object.values(workflow.runs as Record<string, number>).reduce((sum, each) => sum + each, 0);
  return (
    <tr className={rowClass(selected, rows.chosen.has(name))} aria-selected={selected || undefined}>
      {rows.mayAct && (
        <td className="ch">
          <ChooseBox rows={rows} id={name} name={name} />
        </td>
      )}
      <td className="name">
        <Mark state={lastRun?.state ?? "waiting"} />
        <Link to="/workflows/$workflow" params={{ workflow: name }}>
          <b className="wrap">{name}</b>
        </Link>
        {description !== null && <p className="dim">{description}</p>}
        <RowOutcome rows={rows} id={name} />
      </td>
      <td className="hist roomy">
        <LastRuns runs={runs} now={now} />
      </td>
      <td className="nowrap">
        {lastRun === null ? (
          <span className="faint">never run</span>
        ) : (
          <Link to="/runs/$run" params={{ run: lastRun.id }}>
            <span className={`word ${lastRun.state}`}>{lastRun.state}</span> <Moment at={lastRun.createdAt} />
          </Link>
        )}
      </td>
      <td className="nowrap roomy">
        {paused !== null ? <span className="dim">paused by {paused.by}</span> : <Next at={nextRun} now={now} />}
      </td>
      <td className="wide dim">{tags.join(", ")}</td>
      <td className="num wide">{figure(tasks)}</td>
      <td className="num">{figure(all)}</td>
    </tr>
  );
}

/** Drawn anew when a run of this workflow changes, and not with the others. */
const LastRuns = memo(function LastRuns({ runs, now }: { readonly runs: readonly BarRun[]; readonly now: number }) {
  return <RunBars runs={runs.toReversed()} now={now} />;
});

function Next({ at, now }: { readonly at: string | null; readonly now: number }) {
  if (at === null) return <span className="faint">by hand</span>;
  const left = Date.parse(at) - now;
  return (
    <>
      <Moment at={at} /> <span className="faint">{left > 0 ? `in ${durationText(left)}` : "due"}</span>
    </>
  );
}
