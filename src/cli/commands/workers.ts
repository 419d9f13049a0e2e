import { presentProcesses } from "../../owner/present-processes.ts";
import type { ProcessView } from "../../store/store-view.ts";
import { defineCommand, JSON_ARG } from "../command.ts";
import { STATUS } from "../exit-status.ts";
import { printTable } from "../output/table.ts";
import { isoText, timeText } from "../output/time-text.ts";
import { configOf } from "../config-of.ts";
import { viewing } from "../reading.ts";

export const workers = defineCommand({
  name: "workers",
  description: "List the processes that schedule and work on the store",
  args: { json: JSON_ARG },
  examples: [["tutti workers", "who is there, what each takes, and who died within the last day"]],
  async run(args, context) {
    const { out } = context;
    const config = await configOf(context);
    const found = await viewing(config, (view) => presentProcesses<ProcessView>(config.store, view)).catch(
      (error: { code?: string }): readonly ProcessView[] => {
        // Nothing has run in this project yet.
        if (config.store.kind === "sqlite" && error.code === "STORE_NOT_FOUND") return [];
        throw error;
      },
    );
    const processes = [...found].sort((a, b) => Number(b.alive) - Number(a.alive) || (a.name < b.name ? -1 : 1));
    if (args.json) out.json(processes.map(documentOf));
    else if (processes.length === 0) out.line("No process works on this store. Start one with: tutti start");
    else
      printTable(out, processes, [
        { head: "process", cell: ({ name }) => out.style("bold", name) },
        { head: "state", cell: ({ alive }) => (alive ? out.style("green", "alive") : out.style("red", "dead")) },
        { head: "roles", cell: ({ roles }) => roles.join(", ") },
        { head: "queues", cell: ({ roles, queues }) => (roles.includes("worker") ? queues.join(", ") : "") },
        { head: "slots", cell: ({ roles, slots }) => (roles.includes("worker") ? String(slots) : ""), align: "right" },
        { head: "labels", cell: ({ labels }) => labelsText(labels) },
        { head: "tutti", cell: ({ release }) => release },
        { head: "host", cell: ({ host, pid }) => `${host} ${pid}` },
        { head: "started", cell: ({ startedAt }) => timeText(startedAt) },
      ]);
    return STATUS.succeeded;
  },
});

const labelsText = (labels: ProcessView["labels"]): string =>
  Object.entries(labels)
    .map(([name, value]) => `${name}=${value}`)
    .join(" ");

const documentOf = (found: ProcessView): object => {
  const { instance: _instance, startedAt, ...process } = found as ProcessView & { readonly instance?: string };
  return { ...process, startedAt: isoText(startedAt) };
};
