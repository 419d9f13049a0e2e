import type { Instant } from "../../core/clock.ts";
import { standingTasks } from "../../core/manifest.ts";
import { type AnyConfig, isHere } from "../../owner/any-place.ts";
import { loadProject } from "../../loader/load.ts";
import type { LoadedWorkflow } from "../../loader/loaded-file.ts";
import type { ScheduleView, WorkflowListed } from "../../store/store-view.ts";
import { configOf } from "../config-of.ts";
import { defineCommand, JSON_ARG } from "../command.ts";
import { STATUS } from "../exit-status.ts";
import { plural } from "../output/counts-text.ts";
import type { Output } from "../output/output.ts";
import { startTexts } from "../../core/schedule-text.ts";
import { stateText } from "../output/state-mark.ts";
import { printTable } from "../output/table.ts";
import { isoText, timeText } from "../output/time-text.ts";
import { nextFire } from "../../owner/next-fire.ts";
import { viewing } from "../reading.ts";

/** Of a server nothing here counts. */
const NO_FILES = {
  workflows: new Map<string, LoadedWorkflow>(),
  errors: [],
  notes: ["The server shows no workflows."],
  looked: "",
} as const;

/** A workflow of the project's files, of the store, or of both. */
interface Listed {
  readonly name: string;
  readonly loaded: LoadedWorkflow | null;
  readonly known: WorkflowListed | null;
  /** When it is started by itself the next time. */
  readonly next: Instant | null;
}

export const list = defineCommand({
  name: "list",
  description: "List the workflows of the project, and on PostgreSQL those that are deployed",
  args: { json: JSON_ARG },
  examples: [["tutti list", "what can be run, and how it went last time"]],
  async run(args, context) {
    const { out } = context;
    const config = await configOf(context);
    const project = isHere(config) ? await loadProject(config) : NO_FILES;
    const onPostgres = config.store.kind !== "sqlite";
    const { workflows: known, schedules } = await stored(config);
    const workflows = merged([...project.workflows.values()], known, schedules, onPostgres);
    if (args.json) out.json(workflows.map(documentOf));
    else if (workflows.length === 0)
      out.line(project.notes[0] ?? `No workflows in "${project.looked}". Make a first one with: tutti init`);
    else {
      printTable(out, workflows, [
        { head: "workflow", cell: ({ name }) => out.style("bold", name) },
        {
          head: "tasks",
          cell: ({ loaded, known }) =>
            String(loaded ? standingTasks(loaded.version.manifest).length : (known?.shown?.tasks ?? "")),
          align: "right",
        },
        {
          head: "schedule",
          cell: ({ loaded, known }) => startsText(loaded ? startTexts(loaded.version.manifest) : known?.shown?.starts),
        },
        {
          head: "next run",
          cell: ({ known, next }) => (known?.paused ? out.style("yellow", "paused") : timeText(next)),
        },
        { head: "last run", cell: ({ known }) => lastRunText(known, out) },
        ...(onPostgres ? [{ head: "deployed", cell: deployedText }] : []),
        { head: "file", cell: ({ loaded, known }) => loaded?.file ?? known!.file },
        {
          head: "description",
          cell: ({ loaded, known }) =>
            out.style("dim", loaded?.version.manifest.description ?? known?.shown?.description ?? ""),
        },
      ]);
    }
    if (project.errors.length > 0) out.note(`${plural(project.errors.length, "problem")} in other files: tutti check`);
    return STATUS.succeeded;
  },
});

/** `all`: also what is deployed and in no file here. */
function merged(
  loaded: readonly LoadedWorkflow[],
  known: readonly WorkflowListed[],
  schedules: readonly ScheduleView[],
  all: boolean,
): readonly Listed[] {
  const byName = new Map(known.map((summary) => [summary.name, summary]));
  const records = Map.groupBy(schedules, ({ workflow }) => workflow);
  const here = loaded.map((workflow) => ({
    name: workflow.name,
    loaded: workflow,
    known: byName.get(workflow.name) ?? null,
    next: nextFire(workflow.version.manifest, records.get(workflow.name) ?? []),
  }));
  const names = new Set(here.map(({ name }) => name));
  const elsewhere = known
    .filter(({ name, deployed, retired }) => all && deployed && !retired && !names.has(name))
    .map((summary) => ({ name: summary.name, loaded: null, known: summary, next: summary.shown?.nextRun ?? null }));
  return [...here, ...elsewhere].sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** What schedules and other processes would start. */
function deployedText({ loaded, known }: Listed): string {
  if (!known?.deployed || known.retired) return known?.retired ? "retired" : "no";
  return loaded === null || loaded.version.hash === known.version ? "yes" : "another version";
}

function documentOf({ name, loaded, known, next }: Listed): object {
  const manifest = loaded?.version.manifest;
  return {
    name,
    file: loaded?.file ?? known?.file,
    version: loaded?.version.hash ?? known?.version,
    description: manifest?.description ?? known?.shown?.description ?? null,
    tags: manifest?.tags ?? known?.shown?.tags ?? null,
    schedules: manifest?.schedules ?? null,
    triggers: manifest === undefined ? null : (manifest.triggers ?? []),
    tasks: manifest?.tasks.length ?? known?.shown?.tasks ?? null,
    deployed: deployedText({ name, loaded, known, next }),
    paused: known?.paused ? { since: isoText(known.paused.at), by: known.paused.by } : null,
    nextRun: known?.paused ? null : isoText(next),
    lastRun: known?.lastRun ? { ...known.lastRun, createdAt: isoText(known.lastRun.createdAt) } : null,
  };
}

const startsText = (starts: readonly string[] | undefined): string =>
  starts === undefined ? "" : starts.join(", ") || "none";

const lastRunText = (summary: WorkflowListed | null, out: Output): string =>
  summary?.lastRun ? stateText(out, summary.lastRun.state) : out.style("dim", "never");

interface Stored {
  readonly workflows: readonly WorkflowListed[];
  readonly schedules: readonly ScheduleView[];
}

async function stored(config: AnyConfig): Promise<Stored> {
  try {
    return await viewing(config, async (reader) => ({
      workflows: await reader.listWorkflows(),
      schedules: await reader.listSchedules(),
    }));
  } catch (error) {
    if ((error as { code?: string }).code === "STORE_NOT_FOUND" && config.store.kind === "sqlite")
      return { workflows: [], schedules: [] };
    throw error;
  }
}
