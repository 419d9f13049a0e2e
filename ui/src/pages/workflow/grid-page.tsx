import { useQuery } from "@tanstack/react-query";
import { getRouteApi, useNavigate } from "@tanstack/react-router";
import { useMemo, useState } from "react";
import { gridQuery, type WorkflowDetail } from "../../api/workflows.ts";
import { Empty } from "../../components/empty.tsx";
import { type Block, TaskGrid } from "../../components/grid/task-grid.tsx";
import { Legend } from "../../components/legend.tsx";
import { useNow } from "../../components/now.ts";
import { lengthOf } from "../../words/run-length.ts";
import { gridRowsOf } from "../../grid/grid-rows.ts";
import { durationText } from "../../words/duration-text.ts";
import { hasEnded } from "../../words/state.ts";
import { usualOf } from "../../words/usual.ts";
import { GridPanel } from "./grid-panel.tsx";
import { WorkflowFrame } from "./workflow-frame.tsx";
import "../../styles/grid.css";

const route = getRouteApi("/workflows/$workflow");
const RUNS = [25, 50, 100, 200] as const;
const DEFAULT_RUNS = 50;

/** Which task, since when? */
export function GridPage() {
  const { workflow } = route.useParams();
  const { runs: shown = DEFAULT_RUNS } = route.useSearch();
  const { data: grid } = useQuery(gridQuery(workflow, Math.min(Math.max(shown, 1), 200)));
  const usual = useMemo(
    () => usualOf((grid?.runs ?? []).filter(({ state }) => state === "succeeded").map((run) => lengthOf(run, 0))),
    [grid],
  );
  const note =
    usual !== null && `usually ${durationText(usual.median)}; 95 of 100 runs within ${durationText(usual.most)}`;
  return (
    <WorkflowFrame name={workflow} tab="/workflows/$workflow" note={note}>
      {(detail) => <GridSide workflow={detail} usual={usual?.most ?? null} />}
    </WorkflowFrame>
  );
}

function GridSide({ workflow, usual }: { readonly workflow: WorkflowDetail; readonly usual: number | null }) {
  const search = route.useSearch();
  const navigate = useNavigate({ from: "/workflows/$workflow" });
  const shown = search.runs ?? DEFAULT_RUNS;
  const { data: grid } = useQuery(gridQuery(workflow.name, Math.min(Math.max(shown, 1), 200)));
  const [folded, setFolded] = useState<ReadonlySet<string>>(new Set());
  const runs = useMemo(() => grid?.runs.toReversed() ?? [], [grid]);
  const now = useNow(runs.some(({ state }) => !hasEnded(state)));
  const rows = useMemo(() => {
    if (grid === undefined) return [];
    const text = search.q?.toLowerCase();
    const all = gridRowsOf(grid, workflow.manifest, folded);
    return text === undefined
      ? all
      : all.filter(({ label, kind }) => kind === "task" && label.toLowerCase().includes(text));
  }, [grid, workflow.manifest, folded, search.q]);
  const [drawn, setDrawn] = useState<Block | null>(null);
  const named = useMemo((): Block | null => {
    const row = rows.findIndex(({ label, kind }) => kind === "task" && label === search.task);
    const run = runs.findIndex(({ id }) => id === search.run);
    return row === -1 || run === -1 ? null : { rows: [row, row], runs: [run, run] };
  }, [rows, runs, search.task, search.run]);
  // A block of one cell is the address's; a larger one is only here.
  const isMany = drawn !== null && (drawn.rows[0] !== drawn.rows[1] || drawn.runs[0] !== drawn.runs[1]);
  const block = isMany ? drawn : named;
  const select = (next: Block | null): void => {
    setDrawn(next);
    const row = next === null ? undefined : rows[next.rows[1]];
    void navigate({
      search: (before) => ({
        ...before,
        task: row?.kind === "task" ? row.label : undefined,
        run: next === null ? undefined : runs[next.runs[1]]?.id,
      }),
      replace: true,
      resetScroll: false,
    });
  };
  if (grid === undefined) return null;
  if (runs.length === 0) return <Empty>It has never run. Start a run, or let its schedule do it.</Empty>;
  return (
    <div className="split gridsplit">
      <div>
        <div className="filters">
          <label>
            last{" "}
            <select
              value={shown}
              onChange={({ target }) =>
                void navigate({ search: (before) => ({ ...before, runs: Number(target.value) }) })
              }
            >
              {[...new Set([...RUNS, shown])]
                .sort((a, b) => a - b)
                .map((n) => (
                  <option key={n} value={n}>
                    {n} runs
                  </option>
                ))}
            </select>
          </label>
          <label>
            tasks{" "}
            <input
              className="in quiet"
              type="search"
              placeholder={`all ${grid.tasks.length}`}
              value={search.q ?? ""}
              onChange={({ target }) =>
                void navigate({ search: (before) => ({ ...before, q: target.value || undefined }), replace: true })
              }
            />
          </label>
        </div>
        <TaskGrid
          rows={rows}
          runs={runs}
          states={grid.states}
          block={block}
          onBlock={select}
          onOpen={({ rows: [, row], runs: [, run] }) =>
            void navigate({
              to: "/runs/$run",
              params: { run: runs[run]!.id },
              search: { task: rows[row]?.kind === "task" ? rows[row].label : undefined },
            })
          }
          onFold={(label) => setFolded(toggled(folded, label))}
          usual={usual}
          now={now}
        />
        <Legend />
      </div>
      <GridPanel
        workflow={workflow}
        rows={rows}
        runs={runs}
        block={block}
        states={grid.states as Record<string, string>}
      />
    </div>
  );
}

const toggled = (set: ReadonlySet<string>, key: string): ReadonlySet<string> =>
  set.has(key) ? new Set([...set].filter((each) => each !== key)) : new Set([...set, key]);
