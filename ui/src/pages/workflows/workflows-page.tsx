import { useQuery } from "@tanstack/react-query";
import { getRouteApi, Link, useNavigate } from "@tanstack/react-router";
import { recentRunsQuery } from "../../api/overview.ts";
import { loadProblemsQuery, type Workflow, workflowsQuery } from "../../api/workflows.ts";
import { useRows } from "../../components/bulk/use-rows.ts";
import { Empty } from "../../components/empty.tsx";
import { Head } from "../../components/head.tsx";
import { count, figure } from "../../words/count-text.ts";
import { NoWorkflows } from "../empty/no-workflows.tsx";
import { LoadProblems } from "./load-problems.tsx";
import { WorkflowBulk } from "./workflow-bulk.tsx";
import { WorkflowTable } from "./workflow-table.tsx";

const route = getRouteApi("/workflows");
const SHOWS = [
  ["", "all"],
  ["failing", "failing"],
  ["paused", "paused"],
  ["unscheduled", "by hand only"],
] as const;

/** What exists, and is it healthy? */
export function WorkflowsPage() {
  const { data: workflows } = useQuery(workflowsQuery);
  // Asked behind the list, and not only when that has come.
  useQuery({ ...recentRunsQuery, notifyOnChangeProps: [] });
  const { data: problems = [] } = useQuery(loadProblemsQuery);
  const search = route.useSearch();
  if (workflows === undefined) return null;
  if (workflows.length === 0 && problems.length === 0) return <NoWorkflows />;
  const shown = workflows.filter((each) => isShown(each, search));
  return (
    <>
      <Head title="Workflows" facts={<Summary workflows={workflows} />} />
      {problems.length > 0 && <LoadProblems problems={problems} />}
      <Filters workflows={workflows} />
      {shown.length === 0 ? <Empty>No workflow is like that.</Empty> : <Listed shown={shown} />}
    </>
  );
}

function Listed({ shown }: { readonly shown: readonly Workflow[] }) {
  const search = route.useSearch();
  const rows = useRows(
    shown.map(({ name }) => name),
    JSON.stringify(search),
  );
  return (
    <>
      <WorkflowTable workflows={shown} rows={rows} />
      <WorkflowBulk rows={rows} workflows={shown} />
    </>
  );
}

function Summary({ workflows }: { readonly workflows: readonly Workflow[] }) {
  const failing = workflows.filter(({ lastRun }) => lastRun?.state === "failed").length;
  const paused = workflows.filter(({ paused }) => paused !== null).length;
  const tasks = workflows.reduce((sum, { tasks }) => sum + tasks, 0);
  return (
    <>
      <span>
        <b>{count(workflows.length, "workflow")}</b>, {count(tasks, "task")}
      </span>
      <span className={failing > 0 ? "err" : undefined}>
        {failing === 0 ? "none failing" : `${figure(failing)} failing`}
      </span>
      {paused > 0 && <span>{figure(paused)} paused</span>}
    </>
  );
}

function Filters({ workflows }: { readonly workflows: readonly Workflow[] }) {
  const search = route.useSearch();
  const navigate = useNavigate({ from: "/workflows" });
  const set = (change: Partial<typeof search>): void =>
    void navigate({ search: { ...search, ...change }, replace: true });
  const tags = [...new Set(workflows.flatMap(({ tags }) => tags))].sort();
  return (
    <div className="filters" role="search">
      <label>
        find{" "}
        <input
          className="in quiet"
          type="search"
          value={search.q ?? ""}
          placeholder="a workflow"
          onChange={({ target }) => set({ q: target.value || undefined })}
        />
      </label>
      <label>
        show{" "}
        <select
          value={search.show ?? ""}
          onChange={({ target }) => set({ show: (target.value || undefined) as typeof search.show })}
        >
          {SHOWS.map(([value, word]) => (
            <option key={value} value={value}>
              {word}
            </option>
          ))}
        </select>
      </label>
      {tags.length > 0 && (
        <label>
          tag{" "}
          <select value={search.tag ?? ""} onChange={({ target }) => set({ tag: target.value || undefined })}>
            <option value="">any</option>
            {tags.map((tag) => (
              <option key={tag}>{tag}</option>
            ))}
          </select>
        </label>
      )}
      <Link className="r link" to="/runs">
        all runs
      </Link>
    </div>
  );
}

function isShown(workflow: Workflow, { q, tag, show }: ReturnType<typeof route.useSearch>): boolean {
  const text = q?.toLowerCase();
  return (
    (text === undefined || `${workflow.name} ${workflow.description ?? ""}`.toLowerCase().includes(text)) &&
    (tag === undefined || workflow.tags.includes(tag)) &&
    (show === undefined ||
      (show === "failing" && workflow.lastRun?.state === "failed") ||
      (show === "paused" && workflow.paused !== null) ||
      (show === "unscheduled" && workflow.nextRun === null && workflow.paused === null))
  );
}
