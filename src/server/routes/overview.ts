import { overviewContracts } from "../../api/overview-contracts.ts";
import { momentOrNull, momentText } from "../../core/moment-text.ts";
import type { RunState } from "../../core/run-state.ts";
import { WORKFLOW_NEWS, workflowNews } from "../../core/workflow-news.ts";
import { presentProcesses } from "../../owner/present-processes.ts";
import type { ProcessRole } from "../../store/process-list.ts";
import type { RunSummary } from "../../store/reader.ts";
import { addCounts, type StateCounts } from "../../store/state-counts.ts";
import type { Catalogued } from "../catalog.ts";
import { on } from "../handler.ts";
import type { ServerContext } from "../server-context.ts";

const RECENT = 14;
const MOST_NEWS = 200;
const MOST_BACKFILLS = 10_000;
const MOST_ALERTS = 100;

export const overviewRoutes = [
  on(overviewContracts.now, async ({ caller }, server) => {
    const { catalog, reader, clock, config, loadProblems } = server;
    const all = await catalog.list(caller);
    const visible = await catalog.visible(caller);
    const within = visible === null ? {} : { workflow: [...visible] };
    const backfills = await reader.listBackfills({ ...within, states: ["running", "paused"], limit: MOST_BACKFILLS });
    const failed = await reader.listAlerts({
      states: ["failed"],
      limit: MOST_ALERTS + 1,
      ...(visible === null ? {} : { workflows: [...visible] }),
    });
    const processes = (await presentProcesses(config.store, reader)).filter(({ alive }) => alive);
    const having = (role: ProcessRole): number => processes.filter(({ roles }) => roles.includes(role)).length;
    const there = all.filter(({ summary }) => !summary.retired);
    const problems = loadProblems().filter(
      ({ workflow }) => visible === null || (workflow !== null && visible.has(workflow)),
    );
    const runs: StateCounts<RunState> = {};
    for (const { summary } of all) addCounts(runs, summary.counts);
    return {
      at: momentText(clock.now()),
      workflows: {
        total: there.length,
        paused: there.filter(({ summary }) => summary.paused !== null).length,
        retired: all.length - there.length,
        loadErrors: problems.length,
      },
      runs,
      backfills: {
        running: backfills.filter(({ state }) => state === "running").length,
        paused: backfills.filter(({ state }) => state === "paused").length,
      },
      alerts: { failed: Math.min(failed.length, MOST_ALERTS), more: failed.length > MOST_ALERTS },
      processes: {
        schedulers: having("scheduler"),
        workers: having("worker"),
        servers: having("server"),
        slots: processes.reduce((sum, { slots }) => sum + slots, 0),
      },
      news: await newsOf(there, server),
    };
  }),

  on(overviewContracts.recent, async ({ caller }, { catalog, health }) => ({
    items: await Promise.all(
      (await catalog.list(caller))
        .filter(({ summary }) => !summary.retired)
        .map(async ({ summary }) => ({
          workflow: summary.name,
          runs: (await health.runs(summary)).slice(0, RECENT).map(recentBar),
        })),
    ),
  })),
];

/** What needs somebody first; of one kind the newest first. */
async function newsOf(workflows: readonly Catalogued[], { health, clock }: ServerContext) {
  const now = clock.now();
  const found = await Promise.all(
    workflows.map(async ({ summary }) => {
      const runs = await health.runs(summary);
      const news = workflowNews(runs, now);
      return news === null ? [] : [{ ...news, workflow: summary.name, runs }];
    }),
  );
  const order = (kind: (typeof WORKFLOW_NEWS)[number]): number => WORKFLOW_NEWS.indexOf(kind);
  const shown = found
    .flat()
    .sort((a, b) => order(a.kind) - order(b.kind) || b.since - a.since)
    .slice(0, MOST_NEWS);
  return Promise.all(
    shown.map(async ({ kind, workflow, since, run, usualMs, runs }) => {
      const its = runs.find(({ id }) => id === run.id)!;
      return {
        kind,
        workflow,
        since: momentText(since),
        run: runBar(its),
        usualMs,
        failedTask: kind === "failing" ? await health.failedTask(its) : null,
        recent: runs.slice(0, RECENT).map(runBar),
      };
    }),
  );
}

const recentBar = ({ id, state, date, partition, startedAt, endedAt }: RunSummary) => ({
  id,
  state,
  date,
  ...(partition !== undefined && { partition }),
  startedAt: momentOrNull(startedAt),
  endedAt: momentOrNull(endedAt),
});

export const runBar = (run: RunSummary) => ({ ...recentBar(run), createdAt: momentText(run.createdAt) });
