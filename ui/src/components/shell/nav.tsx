import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useEffect, useState } from "react";
import { approvalsQuery } from "../../api/approvals.ts";
import { session, useMe } from "../../api/session.ts";
import { loadProblemsQuery, workflowsQuery } from "../../api/workflows.ts";
import { figure } from "../../words/count-text.ts";
import { Brand } from "./brand.tsx";

const PAGES = [
  ["/", "Home"],
  ["/workflows", "Workflows"],
  ["/runs", "Runs"],
  ["/backfills", "Backfills"],
  ["/schedules", "Schedules"],
  ["/assets", "Assets"],
  ["/approvals", "Approvals"],
  ["/events", "Events"],
  ["/alerts", "Alerts"],
  ["/logs", "Logs"],
  ["/ops", "Ops"],
  ["/settings", "Settings"],
] as const;

/** A count beside a word may be a little old. */
const NAV_MS = 10_000;
const UNFINISHED = ["queued", "running"] as const;

/** Words, not icons. On a phone they hide behind one word. */
export function Nav({ path }: { readonly path: string }) {
  const [open, setOpen] = useState(false);
  const counts = useCounts();
  useEffect(() => setOpen(false), [path]);
  return (
    <aside className={open ? "nav open" : "nav"}>
      <Link className="brand" to="/" aria-label="Tutti, home">
        <Brand />
      </Link>
      <nav aria-label="Pages">
        <ul id="pages">
          {PAGES.map(([to, name]) => (
            <li key={to}>
              <Link to={to} aria-current={isIn(path, to) ? "page" : undefined}>
                {name}
                {counts[name] !== undefined && counts[name] > 0 && (
                  <span className={name === "Home" && counts[name] > 0 ? "n bad" : "n"}>{figure(counts[name])}</span>
                )}
              </Link>
            </li>
          ))}
        </ul>
      </nav>
      <button className="menu" type="button" aria-expanded={open} aria-controls="pages" onClick={() => setOpen(!open)}>
        Menu
      </button>
      <Foot />
    </aside>
  );
}

const isIn = (path: string, page: string): boolean =>
  page === "/" ? path === "/" : path === page || path.startsWith(`${page}/`);

function useCounts(): Partial<Record<string, number>> {
  const { data: workflows } = useQuery(workflowsQuery);
  const { data: problems = [] } = useQuery(loadProblemsQuery);
  const { data: approvals = [] } = useQuery({ ...approvalsQuery, refetchInterval: NAV_MS });
  if (workflows === undefined) return {};
  const unfinished = workflows.reduce(
    (sum, { runs }) =>
      sum + UNFINISHED.reduce((some, state) => some + ((runs as Record<string, number>)[state] ?? 0), 0),
    0,
  );
  const failing = workflows.filter(({ lastRun }) => lastRun?.state === "failed").length;
  const asked = approvals.filter(({ state }) => state === "open").length;
  return { Approvals: asked, Home: failing + problems.length, Workflows: workflows.length, Runs: unfinished };
}

function Foot() {
  const me = useMe();
  if (me === null) return null;
  return (
    <div className="foot">
      <span className="env cut">{location.hostname}</span>
      <span className="more">
        <span className="cut">{me.user ?? me.actor.replace("local:", "")}</span>
        {me.role}
        <br />
        {me.user !== null && (
          <button type="button" className="link" onClick={() => void session.leave()}>
            Sign out
          </button>
        )}
      </span>
    </div>
  );
}
