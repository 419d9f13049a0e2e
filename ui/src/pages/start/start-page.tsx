import { useQuery } from "@tanstack/react-query";
import { getRouteApi, Link } from "@tanstack/react-router";
import { runQuery, type RunDetail } from "../../api/runs.ts";
import { graphQuery, type WorkflowDetail, workflowQuery } from "../../api/workflows.ts";
import { Head } from "../../components/head.tsx";
import { StartForm } from "./start-form.tsx";
import "../../styles/form.css";
import { runFor } from "../../words/run-for.ts";

const route = getRouteApi("/workflows/$workflow/start");

/** Run it, with these params. */
export function StartPage() {
  const { workflow: name } = route.useParams();
  const { like } = route.useSearch();
  const { data: workflow, error } = useQuery(workflowQuery(name));
  const { data: model } = useQuery({ ...runQuery(like ?? ""), enabled: like !== undefined });
  const { data: graph } = useQuery(graphQuery(name));
  if (error !== null) throw error;
  if (workflow === undefined || graph === undefined || (like !== undefined && model === undefined)) return null;
  return (
    <>
      <Head title={`Start ${name}`} facts={<StartFacts workflow={workflow} model={model ?? undefined} />} />
      <StartForm key={like ?? ""} workflow={workflow} graph={graph} model={model ?? undefined} />
    </>
  );
}

const StartFacts = ({
  workflow,
  model,
}: {
  readonly workflow: WorkflowDetail;
  readonly model: RunDetail | undefined;
}) => (
  <>
    {workflow.description !== null && <span className="full">{workflow.description}</span>}
    <span>
      code <b className="mono">{workflow.version.slice(0, 8)}</b>, the latest
    </span>
    {model !== undefined && (
      <span>
        with the params of{" "}
        <Link className="link" to="/runs/$run" params={{ run: model.id }}>
          {runFor(model)}
        </Link>
        ;{" "}
        <Link className="link" to="/workflows/$workflow/start" params={{ workflow: workflow.name }}>
          from the defaults
        </Link>
      </span>
    )}
    {workflow.paused !== null && <span>paused: only its schedules stand still, this starts all the same</span>}
  </>
);
