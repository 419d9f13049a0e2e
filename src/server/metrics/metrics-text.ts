import { CHECK_STATUSES } from "../../core/check-result.ts";
import { RUN_STATES } from "../../core/run-state.ts";
import { ASSET_STATES, assetViews, findingCounts } from "../../owner/asset-view.ts";
import { wallClock } from "../../store/wall-clock.ts";
import { PROCESS_ROLES } from "../../store/process-list.ts";
import { presentProcesses } from "../../owner/present-processes.ts";
import type { ServerContext } from "../server-context.ts";

/** Workflows that have lines of their own; the others are counted together, so that labels stay bounded. */
const MOST_WORKFLOWS = 200;

type Labels = Readonly<Record<string, string>>;

/** Figures in Prometheus' own text format. */
export async function metricsText({ reader, catalog, config, counters, live }: ServerContext): Promise<string> {
  const workflows = await reader.listWorkflows();
  const deployed = (await catalog.list({ tags: null })).filter(({ summary }) => !summary.retired);
  const versions = deployed.map(({ version }) => version);
  const { assets } = await assetViews(versions, reader.assets, wallClock.now());
  const processes = await presentProcesses(config.store, reader);
  const runs = workflows
    .slice(0, MOST_WORKFLOWS)
    .flatMap(({ name, counts }) => RUN_STATES.map((state) => [{ workflow: name, state }, counts[state] ?? 0] as const));
  const others = RUN_STATES.map((state) => {
    const sum = workflows.slice(MOST_WORKFLOWS).reduce((all, { counts }) => all + (counts[state] ?? 0), 0);
    return [{ workflow: "", state }, sum] as const;
  });
  return [
    metric(
      "tutti_runs",
      "gauge",
      "Runs in the store by state",
      workflows.length > MOST_WORKFLOWS ? [...runs, ...others] : runs,
    ),
    metric(
      "tutti_workflow_paused",
      "gauge",
      "Whether the workflow is paused",
      workflows.slice(0, MOST_WORKFLOWS).map(({ name, paused }) => [{ workflow: name }, paused === null ? 0 : 1]),
    ),
    metric(
      "tutti_processes",
      "gauge",
      "Living processes by role",
      PROCESS_ROLES.map((role) => [
        { role },
        processes.filter(({ alive, roles }) => alive && roles.includes(role)).length,
      ]),
    ),
    metric("tutti_slots", "gauge", "Tasks that living workers run at once", [
      [{}, processes.reduce((sum, { alive, slots }) => sum + (alive ? slots : 0), 0)],
    ]),
    metric(
      "tutti_assets",
      "gauge",
      "Assets that deployed code speaks of, by state",
      ASSET_STATES.map((state) => [{ state }, assets.filter((asset) => asset.state === state).length]),
    ),
    metric(
      "tutti_asset_checks",
      "gauge",
      "Checks of assets by what they found last",
      CHECK_STATUSES.map((status) => [
        { status },
        assets.reduce((sum, asset) => sum + findingCounts(asset)[status], 0),
      ]),
    ),
    metric("tutti_http_requests_total", "counter", "Requests since the server began", [[{}, counters.requests]]),
    metric(
      "tutti_http_failures_total",
      "counter",
      "Answers that were no success, by code",
      [...counters.failures].map(([code, count]) => [{ code }, count]),
    ),
    metric("tutti_live_streams", "gauge", "Clients that follow events", [[{}, live.streams]]),
  ].join("");
}

function metric(name: string, type: string, help: string, values: readonly (readonly [Labels, number])[]): string {
  const lines = values.map(([labels, value]) => `${name}${labelText(labels)} ${value}\n`);
  return `# HELP ${name} ${help}\n# TYPE ${name} ${type}\n${lines.join("")}`;
}

function labelText(labels: Labels): string {
  const pairs = Object.entries(labels).map(([name, value]) => `${name}="${escaped(value)}"`);
  return pairs.length === 0 ? "" : `{${pairs.join(",")}}`;
}

const escaped = (value: string): string =>
  value.replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("\n", "\\n");
