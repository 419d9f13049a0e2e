import { type Config, loadConfig } from "../../loader/config.ts";
import { loadProject } from "../../loader/load.ts";
import type { WorkflowSummary } from "../../store/reader.ts";
import { defineCommand, JSON_ARG } from "../command.ts";
import { STATUS } from "../exit-status.ts";
import { plural } from "../output/counts-text.ts";
import { scheduleText } from "../output/schedule-text.ts";
import { stateText } from "../output/state-mark.ts";
import { printTable } from "../output/table.ts";
import { isoText } from "../output/time-text.ts";
import { reading } from "../reading.ts";

export const list = defineCommand({
  name: "list",
  description: "List the workflows of the project",
  args: { json: JSON_ARG },
  examples: [["tutti list", "what can be run, and how it went last time"]],
  async run(args, { cwd, out }) {
    const config = await loadConfig({ cwd });
    const project = await loadProject(config);
    const known = new Map((await summaries(config)).map((summary) => [summary.name, summary]));
    const workflows = [...project.workflows.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
    if (args.json) {
      out.json(
        workflows.map(({ name, file, version: { hash, manifest } }) => ({
          name,
          file,
          version: hash,
          description: manifest.description,
          tags: manifest.tags,
          schedules: manifest.schedules,
          tasks: manifest.tasks.length,
          lastRun: lastRunDocument(known.get(name)),
        })),
      );
    } else if (workflows.length === 0)
      out.line(project.notes[0] ?? `No workflows in "${project.looked}". Make a first one with: tutti init`);
    else {
      printTable(out, workflows, [
        { head: "workflow", cell: ({ name }) => out.style("bold", name) },
        { head: "tasks", cell: ({ version }) => String(version.manifest.tasks.length), align: "right" },
        { head: "schedule", cell: ({ version }) => version.manifest.schedules.map(scheduleText).join(", ") || "none" },
        { head: "last run", cell: ({ name }) => lastRunText(known.get(name), out) },
        { head: "file", cell: ({ file }) => file },
        { head: "description", cell: ({ version }) => out.style("dim", version.manifest.description ?? "") },
      ]);
    }
    if (project.errors.length > 0) out.note(`${plural(project.errors.length, "problem")} in other files: tutti check`);
    return STATUS.succeeded;
  },
});

const lastRunDocument = (summary: WorkflowSummary | undefined): object | null =>
  summary?.lastRun ? { ...summary.lastRun, createdAt: isoText(summary.lastRun.createdAt) } : null;

const lastRunText = (summary: WorkflowSummary | undefined, out: Parameters<typeof stateText>[0]): string =>
  summary?.lastRun ? stateText(out, summary.lastRun.state) : out.style("dim", "never");

async function summaries(config: Config): Promise<readonly WorkflowSummary[]> {
  try {
    return await reading(config, (reader) => reader.listWorkflows());
  } catch (error) {
    if ((error as { code?: string }).code === "STORE_NOT_FOUND") return [];
    throw error;
  }
}
