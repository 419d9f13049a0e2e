import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { backfillsQuery } from "../../api/backfills.ts";
import { workflowsQuery } from "../../api/workflows.ts";
import { CommandStrip } from "../../components/command-strip.tsx";
import { Empty } from "../../components/empty.tsx";
import { Head } from "../../components/head.tsx";
import { count } from "../../words/count-text.ts";
import { BackfillsInProgress } from "./backfills-in-progress.tsx";
import "../../styles/calendar.css";

/** What is being filled, of all workflows? */
export function BackfillsPage() {
  const { data } = useQuery(backfillsQuery(undefined));
  const { data: workflows = [] } = useQuery(workflowsQuery);
  if (data === undefined) return null;
  const active = data.filter(({ state }) => state === "running" || state === "paused").length;
  const scheduled = workflows.filter(({ nextRun, paused }) => nextRun !== null || paused !== null);
  return (
    <>
      <Head
        title="Backfills"
        facts={<span>{active === 0 ? "none at work" : `${count(active, "backfill")} at work`}</span>}
      />
      {data.length === 0 ? (
        <Empty>
          Nothing was filled yet. The calendar of a workflow shows what is missing:{" "}
          {scheduled.slice(0, 5).map(({ name }, at) => (
            <span key={name}>
              {at > 0 && ", "}
              <Link className="link" to="/workflows/$workflow/backfills" params={{ workflow: name }}>
                {name}
              </Link>
            </span>
          ))}
        </Empty>
      ) : (
        <BackfillsInProgress workflow={undefined} named />
      )}
      <CommandStrip cli="tutti backfill list" />
    </>
  );
}
