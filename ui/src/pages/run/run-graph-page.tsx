import { getRouteApi, useNavigate } from "@tanstack/react-router";
import { useMemo } from "react";
import { progressOf } from "../../api/progress.ts";
import { CriticalStrip } from "../../components/graph/critical-strip.tsx";
import { GraphCanvas } from "../../components/graph/graph-canvas.tsx";
import { useNow } from "../../components/now.ts";
import { lengthOf } from "../../words/run-length.ts";
import { criticalPath } from "../../graph/critical-path.ts";
import { shownGraph } from "../../graph/shown-graph.ts";
import { useLayout } from "../../graph/use-layout.ts";
import type { RunSearch } from "../../routes/search.ts";
import { durationText } from "../../words/duration-text.ts";
import { waterfallOf } from "../../waterfall/rows.ts";
import { Inspector } from "./inspector.tsx";
import { RunFrame } from "./run-frame.tsx";
import { useProgress } from "./use-progress.ts";
import { isOver, type ShownRun } from "./use-run.ts";
import "../../styles/graph.css";
import "../../styles/run.css";

const route = getRouteApi("/runs/$run/graph");
const NONE: ReadonlySet<string> = new Set();

/** What depends on what, and how far is it? */
export function RunGraphPage() {
  const { run } = route.useParams();
  return (
    <RunFrame id={run} tab="/runs/$run/graph">
      {(shown) => <RunGraph {...shown} />}
    </RunFrame>
  );
}

function RunGraph({ run, graph, taskRuns, attempts }: ShownRun) {
  const search = route.useSearch();
  const navigate = useNavigate({ from: "/runs/$run/graph" });
  const now = useNow(!isOver(run));
  const progress = useProgress(run.id, !isOver(run));
  const set = (change: Partial<RunSearch>): void =>
    void navigate({ search: (before) => ({ ...before, ...change }), replace: true, resetScroll: false });
  const { rows } = useMemo(
    () => waterfallOf({ run, graph, taskRuns, attempts, open: NONE, now }),
    [run, graph, taskRuns, attempts, now],
  );
  const byTask = useMemo(
    () => new Map(rows.filter(({ kind }) => kind === "task").map((row) => [row.task, row])),
    [rows],
  );
  const figures = useMemo(
    () =>
      new Map(
        [...byTask].flatMap(([task, { ranMs, note }]) =>
          ranMs > 0 ? [[task, note === "" ? durationText(ranMs) : `${durationText(ranMs)}, ${note}`] as const] : [],
        ),
      ),
    [byTask],
  );
  const folded = useMemo(
    () => new Set((search.folded ?? "").split(",").filter((name) => name !== "")),
    [search.folded],
  );
  const states = useMemo(() => withCounts(graph, taskRuns), [graph, taskRuns]);
  const shown = useMemo(() => shownGraph(states, folded, figures), [states, folded, figures]);
  const placed = useLayout(shown.toDraw);
  const path = useMemo(() => criticalPath(graph, (task) => byTask.get(task)?.ranMs ?? 0), [graph, byTask]);
  const fold = (name: string): void =>
    set({
      folded:
        (folded.has(name) ? [...folded].filter((each) => each !== name) : [...folded, name]).join(",") || undefined,
    });
  const selected = search.task === undefined ? undefined : byTask.get(search.task);
  return (
    <>
      <div className="filters">
        <label>
          find{" "}
          <input
            className="in quiet"
            type="search"
            placeholder="a task"
            value={search.q ?? ""}
            onChange={({ target }) => set({ q: target.value || undefined })}
          />
        </label>
        <label>
          <input
            type="checkbox"
            checked={search.path === true}
            onChange={({ target }) => set({ path: target.checked ? true : undefined })}
          />{" "}
          critical path
        </label>
      </div>
      <div className={selected === undefined ? undefined : "split runsplit"}>
        <div>
          <GraphCanvas
            placed={placed}
            shown={shown}
            selected={search.task ?? null}
            onSelect={(task) => set({ task: task ?? undefined })}
            onOpen={(task) => void navigate({ to: "/runs/$run", params: { run: run.id }, search: { task } })}
            onFold={fold}
            find={search.q ?? ""}
            path={search.path === true ? new Set(path) : NONE}
            withStates
            edges={graph.edges}
          />
          <CriticalStrip
            parts={path.map((task) => ({
              task,
              state: byTask.get(task)?.state ?? "waiting",
              ms: byTask.get(task)?.ranMs ?? 0,
            }))}
            totalMs={lengthOf(run, now)}
            onSelect={(task) => set({ task })}
          />
        </div>
        {selected !== undefined && (
          <Inspector run={run} row={selected} progress={progressOf(progress, selected.taskRun)} />
        )}
      </div>
    </>
  );
}

/** The graph with the states as they are now: what the stream has told is newer than the graph's own answer. */
function withCounts(graph: ShownRun["graph"], taskRuns: ShownRun["taskRuns"]): ShownRun["graph"] {
  const counts = new Map<string, Record<string, number>>();
  for (const { task, state } of taskRuns) {
    const own = counts.get(task) ?? {};
    own[state] = (own[state] ?? 0) + 1;
    counts.set(task, own);
  }
  return { ...graph, tasks: graph.tasks.map((task) => ({ ...task, counts: counts.get(task.name) ?? {} })) };
}
