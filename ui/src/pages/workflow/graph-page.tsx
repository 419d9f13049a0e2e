import { useQuery } from "@tanstack/react-query";
import { getRouteApi, useNavigate } from "@tanstack/react-router";
import { useMemo } from "react";
import { type Graph, graphQuery, versionDiffQuery, versionsQuery } from "../../api/workflows.ts";
import { GraphCanvas } from "../../components/graph/graph-canvas.tsx";
import { changesOf, withRemoved } from "../../graph/version-changes.ts";
import { nearTo, shownGraph } from "../../graph/shown-graph.ts";
import { useLayout } from "../../graph/use-layout.ts";
import { count } from "../../words/count-text.ts";
import { GraphTaskPanel } from "./graph-task-panel.tsx";
import { WorkflowFrame } from "./workflow-frame.tsx";
import "../../styles/graph.css";

const route = getRouteApi("/workflows/$workflow/graph");
const NOTHING: ReadonlyMap<string, string> = new Map();
const NO_PATH: ReadonlySet<string> = new Set();

/** What depends on what? */
export function GraphPage() {
  const { workflow } = route.useParams();
  const { version, from } = route.useSearch();
  const { data: graph } = useQuery(graphQuery(workflow, version === undefined ? {} : { version }));
  const { data: before } = useQuery({ ...graphQuery(workflow, { version: from ?? "" }), enabled: from !== undefined });
  return (
    <WorkflowFrame
      name={workflow}
      tab="/workflows/$workflow/graph"
      note={graph && `${count(graph.tasks.length, "task")}, ${count(graph.edges.length, "edge")}`}
    >
      {() =>
        graph !== undefined &&
        (from === undefined || before !== undefined) && <GraphSide graph={graph} before={before} />
      }
    </WorkflowFrame>
  );
}

function GraphSide({ graph, before }: { readonly graph: Graph; readonly before: Graph | undefined }) {
  const { workflow } = graph;
  const search = route.useSearch();
  const navigate = useNavigate({ from: "/workflows/$workflow/graph" });
  const set = (change: Partial<typeof search>): void =>
    void navigate({ search: (now) => ({ ...now, ...change }), replace: true, resetScroll: false });
  const { data: diff } = useQuery({
    ...versionDiffQuery(workflow, graph.version, search.from),
    enabled: search.from !== undefined,
  });
  const folded = useMemo(
    () => new Set((search.folded ?? "").split(",").filter((name) => name !== "")),
    [search.folded],
  );
  const whole = useMemo(() => (before === undefined ? graph : withRemoved(graph, before)), [graph, before]);
  const near = useMemo(
    () => (search.near === undefined || search.task === undefined ? whole : nearTo(whole, search.task, search.near)),
    [whole, search.near, search.task],
  );
  const shown = useMemo(() => shownGraph(near, folded, NOTHING), [near, folded]);
  const placed = useLayout(shown.toDraw);
  const changes = useMemo(
    () => (diff === undefined || search.from === undefined ? undefined : changesOf(diff.diff)),
    [diff, search.from],
  );
  const fold = (name: string): void => {
    const next = folded.has(name) ? [...folded].filter((each) => each !== name) : [...folded, name];
    set({ folded: next.join(",") || undefined });
  };
  return (
    <div className="split gridsplit">
      <div>
        <GraphFilters graph={graph} />
        <GraphCanvas
          placed={placed}
          shown={shown}
          selected={search.task ?? null}
          onSelect={(task) => set({ task: task ?? undefined, ...(task === null ? { near: undefined } : {}) })}
          onOpen={(task) => void navigate({ to: "/workflows/$workflow", params: { workflow }, search: { q: task } })}
          onFold={fold}
          find={search.q ?? ""}
          path={NO_PATH}
          {...(changes === undefined ? {} : { changes })}
          withStates={false}
          edges={near.edges}
        />
      </div>
      <GraphTaskPanel graph={whole} task={search.task} onSelect={(task) => set({ task })} />
    </div>
  );
}

function GraphFilters({ graph }: { readonly graph: Graph }) {
  const search = route.useSearch();
  const navigate = useNavigate({ from: "/workflows/$workflow/graph" });
  const set = (change: Partial<typeof search>): void =>
    void navigate({ search: (now) => ({ ...now, ...change }), replace: true });
  const { data: versions = [] } = useQuery(versionsQuery(graph.workflow));
  const options = versions.map(({ version, registeredAt }) => (
    <option key={version} value={version}>
      {version.slice(0, 8)}, {registeredAt.slice(0, 10)}
    </option>
  ));
  return (
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
        version{" "}
        <select value={search.version ?? graph.version} onChange={({ target }) => set({ version: target.value })}>
          {options}
        </select>
      </label>
      {versions.length > 1 && (
        <label>
          differs from{" "}
          <select value={search.from ?? ""} onChange={({ target }) => set({ from: target.value || undefined })}>
            <option value="">–</option>
            {options}
          </select>
        </label>
      )}
      <label>
        focus{" "}
        <select
          disabled={search.task === undefined}
          value={search.near ?? ""}
          onChange={({ target }) => set({ near: target.value === "" ? undefined : Number(target.value) })}
        >
          <option value="">off</option>
          <option value="1">1 step around</option>
          <option value="2">2 steps around</option>
          <option value="100">all that it touches</option>
        </select>
      </label>
    </div>
  );
}
