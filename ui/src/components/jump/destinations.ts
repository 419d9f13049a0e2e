import { useQuery } from "@tanstack/react-query";
import { someRunsQuery } from "../../api/runs.ts";
import { workflowsQuery } from "../../api/workflows.ts";
import type { State } from "../../words/state.ts";
import { runFor } from "../../words/run-for.ts";

export interface Destination {
  readonly name: string;
  readonly what: string;
  readonly to: string;
  readonly state?: State | undefined;
}

const PAGES: readonly Destination[] = [
  ["Home", "/"],
  ["Workflows", "/workflows"],
  ["Runs", "/runs"],
  ["Failed runs", "/runs?state=failed"],
  ["Running now", "/runs?state=running"],
  ["Backfills", "/backfills"],
  ["Schedules", "/schedules"],
  ["Assets", "/assets"],
  ["Approvals", "/approvals"],
  ["Events and triggers", "/events"],
  ["Alerts", "/alerts"],
  ["Logs", "/logs"],
  ["Ops: workers, pools, connections, secrets", "/ops"],
  ["Settings: users, tokens, audit", "/settings"],
].map(([name, to]) => ({ name: name!, to: to!, what: "page" }));

const SHOWN = 12;
const RUN_ID = /^[0-9a-z]{6,26}$/;

/** Where a text may lead: the closest first. */
export function useDestinations(text: string): readonly Destination[] {
  const { data: workflows = [] } = useQuery(workflowsQuery);
  const { data: failed = [] } = useQuery(someRunsQuery({ state: "failed" }, 5));
  const wanted = text.trim().toLowerCase();
  const all: Destination[] = [
    ...workflows.flatMap(({ name, lastRun }): Destination[] => {
      const path = `/workflows/${encodeURIComponent(name)}`;
      return [
        { name, what: "workflow", to: path, state: lastRun?.state },
        ...(wanted === ""
          ? []
          : [
              { name: `${name}: graph`, what: "graph", to: `${path}/graph` },
              { name: `${name}: start a run`, what: "act", to: `${path}/start` },
              { name: `${name}: backfill`, what: "act", to: `${path}/backfills` },
            ]),
      ];
    }),
    ...failed.map((run) => ({
      name: `${run.workflow} ${runFor(run)}`,
      what: "why it failed",
      to: `/runs/${run.id}/why`,
      state: "failed" as const,
    })),
    ...PAGES,
  ];
  const run: Destination[] =
    RUN_ID.test(wanted) && /\d/.test(wanted) ? [{ name: wanted, what: "run", to: `/runs/${wanted}` }] : [];
  return [
    ...run,
    ...all
      .flatMap((each) => ranked(each, wanted))
      .sort((a, b) => a.rank - b.rank)
      .map(({ each }) => each),
  ].slice(0, SHOWN);
}

/** Lower is closer; nothing where the letters are not in it in their order. */
function ranked(each: Destination, wanted: string): { readonly each: Destination; readonly rank: number }[] {
  const name = each.name.toLowerCase();
  const at = name.indexOf(wanted);
  if (at !== -1) return [{ each, rank: at * 10 + name.length }];
  let from = 0;
  for (const letter of wanted.replaceAll(" ", "")) {
    const found = name.indexOf(letter, from);
    if (found === -1) return [];
    from = found + 1;
  }
  return [{ each, rank: 10_000 + from }];
}
