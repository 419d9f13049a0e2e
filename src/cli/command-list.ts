import type { Command } from "./command.ts";

interface Listed {
  readonly description: string;
  readonly load: () => Promise<Command<never>>;
}

const listed = (description: string, load: () => Promise<unknown>): Listed => ({
  description,
  load: load as Listed["load"],
});

/** Every command. Only the one that was asked for is loaded: the start of each must stay quick. */
export const COMMANDS: Readonly<Record<string, Listed>> = {
  init: listed("Make a working project in a folder", async () => (await import("./commands/init.ts")).init),
  run: listed("Run a workflow, for one date or several", async () => (await import("./commands/run.ts")).run),
  list: listed("List the workflows of the project", async () => (await import("./commands/list.ts")).list),
  show: listed("Draw the graph of a workflow", async () => (await import("./commands/show.ts")).show),
  runs: listed("List runs, newest first", async () => (await import("./commands/runs.ts")).runs),
  logs: listed("Show what the tasks of a run wrote", async () => (await import("./commands/logs.ts")).logs),
  cancel: listed("Stop a run", async () => (await import("./commands/cancel.ts")).cancel),
  retry: listed(
    "Run an ended run again from its failed tasks",
    async () => (await import("./commands/retry.ts")).retry,
  ),
  resume: listed("Go on with runs whose process has ended", async () => (await import("./commands/resume.ts")).resume),
  check: listed(
    "Load every pipeline file and say what is wrong",
    async () => (await import("./commands/check.ts")).check,
  ),
  prune: listed(
    "Remove old runs with their logs and artifacts",
    async () => (await import("./commands/prune.ts")).prune,
  ),
};
