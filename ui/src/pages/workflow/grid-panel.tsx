import { useQuery } from "@tanstack/react-query";
import { Link, useNavigate } from "@tanstack/react-router";
import { taskRunsQuery } from "../../api/runs.ts";
import { tutti } from "../../api/tutti.ts";
import type { GridRun, WorkflowDetail } from "../../api/workflows.ts";
import { useAct } from "../../components/act.ts";
import { Button } from "../../components/button.tsx";
import { Fact, Facts } from "../../components/facts.tsx";
import { CommandStrip, commandLine } from "../../components/command-strip.tsx";
import type { Block } from "../../components/grid/task-grid.tsx";
import { Mark } from "../../components/mark.tsx";
import { cellOf, type GridRow } from "../../grid/grid-rows.ts";
import { count } from "../../words/count-text.ts";
import type { State } from "../../words/state.ts";
import { PastOfTask } from "./past-of-task.tsx";
import { runFor } from "../../words/run-for.ts";

interface GridPanelProps {
  readonly workflow: WorkflowDetail;
  readonly rows: readonly GridRow[];
  readonly runs: readonly GridRun[];
  readonly block: Block | null;
  readonly states: Readonly<Record<string, string>>;
}

/** What, why, since when, and what to press, of what is selected in the grid. */
export function GridPanel({ workflow, rows, runs, block, states }: GridPanelProps) {
  const navigate = useNavigate();
  if (block === null)
    return (
      <aside className="side" aria-label="Selected">
        <p className="dim">
          Select a cell to see what it was; draw over several to retry or cancel their runs. Arrows move, Enter opens.
        </p>
      </aside>
    );
  const row = rows[block.rows[1]];
  const run = runs[block.runs[1]];
  if (row === undefined || run === undefined) return null;
  const some = runs.slice(block.runs[0], block.runs[1] + 1);
  const cells = (block.rows[1] - block.rows[0] + 1) * some.length;
  const state = cellOf(row, run.cells, states);
  return (
    <aside className="side" aria-label="Selected">
      <p className="cap">
        {count(cells, "task run")} selected, {count(some.length, "run")}
      </p>
      <h2>
        <Mark state={state ?? "waiting"} /> {row.label}
      </h2>
      <p className="dim">
        {workflow.name} /{" "}
        <Link
          className="link"
          to="/runs/$run"
          params={{ run: run.id }}
          search={{ task: row.kind === "task" ? row.label : undefined }}
        >
          {runFor(run)}
        </Link>
      </p>
      {row.kind === "task" && <TaskFacts run={run} task={row.label} state={state} />}
      <div className="sacts">
        {run.state === "failed" && (
          <Button go shortcut="w" onPress={() => void navigate({ to: "/runs/$run/why", params: { run: run.id } })}>
            Why
          </Button>
        )}
        <RunsActs runs={some} />
        {some.length >= 2 && (
          <Button onPress={() => void navigate({ to: "/compare", search: { a: some[0]!.id, b: some.at(-1)!.id } })}>
            Compare the ends
          </Button>
        )}
      </div>
      {row.kind === "task" && <PastOfTask task={row.label} column={row.columns[0]!} runs={runs} states={states} />}
      <h3>Run</h3>
      <Facts>
        <Fact name="state">{run.state}</Fact>
        <Fact name="code">
          <span className="mono">{run.version.slice(0, 8)}</span>
        </Fact>
        <Fact name="by">{run.trigger}</Fact>
      </Facts>
      <CommandStrip cli={commandLine("tutti", "retry", run.id)} />
    </aside>
  );
}

function TaskFacts({
  run,
  task,
  state,
}: {
  readonly run: GridRun;
  readonly task: string;
  readonly state: State | null;
}) {
  const { data: taskRuns } = useQuery({ ...taskRunsQuery(run.id), enabled: state === "failed" || state === "skipped" });
  const told = taskRuns?.find((each) => each.task === task && (each.error !== null || each.skipReason !== null));
  if (told === undefined) return null;
  return told.error !== null ? (
    <p className="errline wrap">{told.error.message.split("\n")[0]}</p>
  ) : (
    <p className="dim wrap">skipped: {told.skipReason}</p>
  );
}

/** Retry those that ended badly, cancel those that are at work. */
function RunsActs({ runs }: { readonly runs: readonly GridRun[] }) {
  const failed = runs.filter(({ state }) => state === "failed" || state === "cancelled").map(({ id }) => id);
  const active = runs.filter(({ state }) => state === "queued" || state === "running").map(({ id }) => id);
  const retry = useAct({
    needs: "operator",
    act: () => tutti().post("/api/runs/bulk", { body: { act: "retry", ids: failed } }),
    say: ({ runs: done }) => `${count(done.filter(({ ok }) => ok).length, "run")} of ${done.length} go on.`,
  });
  const cancel = useAct({
    needs: "operator",
    act: () => tutti().post("/api/runs/bulk", { body: { act: "cancel", ids: active } }),
    say: ({ runs: done }) => `${count(done.filter(({ ok }) => ok).length, "run")} of ${done.length} stop.`,
  });
  return (
    <>
      {failed.length > 0 && (
        <Button busy={retry.busy} refusal={retry.refusal} onPress={retry.run}>
          {failed.length === 1 ? "Retry" : `Retry ${failed.length} runs`}
        </Button>
      )}
      {active.length > 0 && (
        <Button busy={cancel.busy} refusal={cancel.refusal} onPress={cancel.run}>
          {active.length === 1 ? "Cancel" : `Cancel ${active.length} runs`}
        </Button>
      )}
    </>
  );
}
