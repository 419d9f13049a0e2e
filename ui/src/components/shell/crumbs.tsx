import { Link, useParams, useRouterState } from "@tanstack/react-router";
import { useQuery } from "@tanstack/react-query";
import { runQuery } from "../../api/runs.ts";
import { runFor } from "../../words/run-for.ts";

const LAST: Readonly<Record<string, string>> = {
  graph: "Graph",
  code: "Code",
  backfills: "Backfills",
  start: "Start a run",
  values: "Inputs and outputs",
  events: "Events",
  why: "Why",
};

/** The way to the page, from the outside in. */
export function Crumbs() {
  const path = useRouterState({ select: ({ location }) => location.pathname });
  const { workflow, run, asset } = useParams({ strict: false });
  const parts = path.split("/").filter((part) => part !== "");
  const last = parts.length > 2 ? LAST[parts.at(-1)!] : undefined;
  if (run !== undefined) return <RunCrumbs run={run} last={last} />;
  if (asset !== undefined)
    return (
      <Way
        places={[
          <Link key="a" to="/assets">
            Assets
          </Link>,
        ]}
        last={asset}
      />
    );
  if (workflow === undefined) return <Way places={[]} last={titled(parts[0] ?? "home")} />;
  return (
    <Way
      places={[
        <Link key="w" to="/workflows">
          Workflows
        </Link>,
        <Link key="n" to="/workflows/$workflow" params={{ workflow }} className="cut">
          {workflow}
        </Link>,
      ]}
      last={last ?? "Grid"}
    />
  );
}

function RunCrumbs({ run, last }: { readonly run: string; readonly last: string | undefined }) {
  const { data } = useQuery(runQuery(run));
  const date = data ? runFor(data) : run.slice(0, 10);
  return (
    <Way
      places={[
        <Link key="w" to="/workflows">
          Workflows
        </Link>,
        ...(data === undefined || data === null
          ? []
          : [
              <Link key="n" to="/workflows/$workflow" params={{ workflow: data.workflow }} className="cut">
                {data.workflow}
              </Link>,
            ]),
        ...(last === undefined
          ? []
          : [
              <Link key="r" to="/runs/$run" params={{ run }}>
                {date}
              </Link>,
            ]),
      ]}
      last={last ?? date}
    />
  );
}

const Way = ({ places, last }: { readonly places: readonly React.ReactNode[]; readonly last: string }) => (
  <nav className="crumbs" aria-label="Where this is">
    {places.map((place, at) => (
      <span key={at}>
        {place}
        <i aria-hidden="true">/</i>
      </span>
    ))}
    <b className="cut" aria-current="page">
      {last}
    </b>
  </nav>
);

const titled = (word: string): string => word.slice(0, 1).toUpperCase() + word.slice(1);
