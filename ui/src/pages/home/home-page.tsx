import { useQuery } from "@tanstack/react-query";
import { overviewQuery, timelineQuery } from "../../api/overview.ts";
import { approvalsQuery } from "../../api/approvals.ts";
import { loadProblemsQuery, workflowsQuery } from "../../api/workflows.ts";
import { Head } from "../../components/head.tsx";
import { Moment } from "../../components/moment.tsx";
import { useNow } from "../../components/now.ts";
import { spelled } from "../../words/count-text.ts";
import { NoWorkflows } from "../empty/no-workflows.tsx";
import { LoadProblems } from "../workflows/load-problems.tsx";
import { AskedSection } from "./asked-section.tsx";
import { DaySection } from "./day-section.tsx";
import { NeedsSection } from "./needs-section.tsx";
import { NewsSection } from "./news-section.tsx";
import { TimelineSection } from "./timeline-section.tsx";
import "../../styles/home.css";

/** What needs me now? */
export function HomePage() {
  const { data: overview } = useQuery(overviewQuery);
  const { data: timeline } = useQuery(timelineQuery);
  const { data: workflows } = useQuery(workflowsQuery);
  const { data: problems = [] } = useQuery(loadProblemsQuery);
  const { data: approvals = [] } = useQuery({ ...approvalsQuery, refetchInterval: 10_000 });
  const now = useNow();
  if (overview === undefined || timeline === undefined || workflows === undefined) return null;
  if (workflows.length === 0 && problems.length === 0) return <NoWorkflows />;
  const { news } = overview;
  const needs = news.filter(({ kind }) => kind === "failing" || kind === "slow");
  const asked = approvals.filter(({ state }) => state === "open");
  const toKnow = news.filter(({ kind }) => kind === "slower" || kind === "recovered");
  return (
    <>
      <Head
        answer
        title={titleOf(needs.length, problems.length, asked.length)}
        facts={
          <>
            <span>
              <Moment at={now} as="long" />
            </span>
            <span>
              {workflows.length - needs.length} of {workflows.length} workflows are healthy
            </span>
          </>
        }
      />
      <div className={problems.length + asked.length + needs.length + toKnow.length > 0 ? "halves" : undefined}>
        <div>
          {problems.length > 0 && <LoadProblems problems={problems} />}
          {asked.length > 0 && <AskedSection asked={asked} now={now} />}
          {needs.length > 0 && <NeedsSection news={needs} now={now} />}
          {toKnow.length > 0 && <NewsSection news={toKnow} now={now} />}
        </div>
        <div>
          <TimelineSection workflows={workflows} timeline={timeline} news={news} now={now} />
          <DaySection timeline={timeline} now={now} />
        </div>
      </div>
    </>
  );
}

function titleOf(needs: number, problems: number, asked: number): string {
  const question = `${spelled(asked)} ${asked === 1 ? "question waits" : "questions wait"}`;
  if (needs > 0)
    return `${spelled(needs)} ${needs === 1 ? "workflow needs" : "workflows need"} you${asked > 0 ? `, ${question.toLowerCase()}` : ""}.`;
  if (problems > 0) return `${spelled(problems)} ${problems === 1 ? "file does" : "files do"} not load.`;
  return asked > 0 ? `${question} for you.` : "Nothing needs you.";
}
