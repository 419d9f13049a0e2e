import { useQuery } from "@tanstack/react-query";
import { Link, useNavigate } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { queryClient } from "../../api/query-client.ts";
import { tutti } from "../../api/tutti.ts";
import { type WorkflowDetail, workflowQuery } from "../../api/workflows.ts";
import { useAct } from "../../components/act.ts";
import { Button } from "../../components/button.tsx";
import { Head } from "../../components/head.tsx";
import { Moment } from "../../components/moment.tsx";
import { useNow } from "../../components/now.ts";
import { Tabs } from "../../components/tabs.tsx";
import { durationText } from "../../words/duration-text.ts";
import { scheduleText } from "../../words/schedule-text.ts";

const TABS = [
  ["/workflows/$workflow", "Grid"],
  ["/workflows/$workflow/graph", "Graph"],
  ["/workflows/$workflow/backfills", "Backfills"],
  ["/workflows/$workflow/code", "Code"],
] as const;

/** The grid has the address of the workflow, under which the others stand. */
const EXACT = { exact: true, includeSearch: false };

interface WorkflowFrameProps {
  readonly name: string;
  readonly tab: (typeof TABS)[number][0] | null;
  readonly note?: ReactNode;
  readonly children: (workflow: WorkflowDetail) => ReactNode;
}

/** The head and the tabs that all pages of a workflow have. */
export function WorkflowFrame({ name, tab, note, children }: WorkflowFrameProps) {
  const { data: workflow, error } = useQuery(workflowQuery(name));
  if (error !== null) throw error;
  if (workflow === undefined) return null;
  return (
    <>
      <Head
        title={workflow.name}
        facts={<WorkflowFacts workflow={workflow} />}
        acts={<WorkflowActs workflow={workflow} />}
      />
      <Tabs label="Sides of the workflow" note={note}>
        {TABS.filter(([to]) => workflow.manifest.schedules.length > 0 || !to.endsWith("/backfills")).map(
          ([to, word]) => (
            <Link
              key={to}
              to={to}
              params={{ workflow: name }}
              activeOptions={EXACT}
              aria-current={to === tab ? "page" : undefined}
            >
              {word}
            </Link>
          ),
        )}
        <Link to="/runs" search={{ workflow: name }}>
          Runs
        </Link>
      </Tabs>
      {children(workflow)}
    </>
  );
}

function WorkflowFacts({ workflow }: { readonly workflow: WorkflowDetail }) {
  const { manifest, nextRun, tags, version, paused, file, description } = workflow;
  const now = useNow(nextRun !== null, 10_000);
  const { schedules } = manifest;
  const zone = schedules[0] !== undefined && "timezone" in schedules[0] ? schedules[0].timezone : undefined;
  return (
    <>
      {description !== null && <span className="full">{description}</span>}
      <span>
        {schedules.length === 0
          ? (manifest.triggers?.length ?? 0) > 0
            ? "started by events"
            : "by hand only"
          : schedules.map(scheduleText).join("; ")}
      </span>
      {paused !== null && (
        <span>
          <b>paused</b> by {paused.by} since <Moment at={paused.since} />
        </span>
      )}
      {nextRun !== null && (
        <span>
          next:{" "}
          <b>
            <Moment at={nextRun} zone={zone} />
          </b>
          {Date.parse(nextRun) > now && `, in ${durationText(Date.parse(nextRun) - now)}`}
        </span>
      )}
      {tags.length > 0 && <span>tags {tags.join(", ")}</span>}
      <span>
        code <b className="mono">{version.slice(0, 8)}</b> of <span className="mono">{file}</span>
      </span>
    </>
  );
}

function WorkflowActs({ workflow: { name, paused, manifest, deployed } }: { readonly workflow: WorkflowDetail }) {
  const navigate = useNavigate();
  const turn = paused === null ? "pause" : "unpause";
  const pause = useAct({
    needs: "operator",
    act: () => tutti().post(`/api/workflows/{workflow}/${turn}`, { params: { workflow: name } }),
    say: ({ paused: now }) =>
      now === null
        ? `${name} goes on: its schedules start runs again.`
        : `${name} is paused: its schedules start nothing.`,
    after: ({ paused: now }) =>
      queryClient.setQueryData<WorkflowDetail>(["workflow", name], (known) => known && { ...known, paused: now }),
  });
  return (
    <>
      {manifest.schedules.length > 0 && deployed && (
        <Button busy={pause.busy} refusal={pause.refusal} onPress={pause.run}>
          {paused === null ? "Pause" : "Unpause"}
        </Button>
      )}
      {manifest.schedules.length > 0 && (
        <Button onPress={() => void navigate({ to: "/workflows/$workflow/backfills", params: { workflow: name } })}>
          Backfill
        </Button>
      )}
      <Button
        go
        shortcut="s"
        onPress={() => void navigate({ to: "/workflows/$workflow/start", params: { workflow: name } })}
      >
        Start a run
      </Button>
    </>
  );
}
