import type { Command } from "./command.ts";

export interface Listed {
  readonly description: string;
  readonly load: () => Promise<Command<never>>;
  /** `anywhere`: also through a server. `here`: on the project's store only. `machine`: on none, or as a process of it. */
  readonly where: "anywhere" | "here" | "machine";
}

const listed = (description: string, load: () => Promise<unknown>, where: Listed["where"] = "here"): Listed => ({
  description,
  load: load as Listed["load"],
  where,
});

/** Every command. Only the one that was asked for is loaded: the start of each must stay quick. */
export const COMMANDS: Readonly<Record<string, Listed>> = {
  init: listed("Make a working project in a folder", async () => (await import("./commands/init.ts")).init, "machine"),
  run: listed(
    "Run a workflow, for one date or several",
    async () => (await import("./commands/run.ts")).run,
    "anywhere",
  ),
  list: listed("List the workflows of the project", async () => (await import("./commands/list.ts")).list, "anywhere"),
  show: listed("Draw the graph of a workflow", async () => (await import("./commands/show.ts")).show, "anywhere"),
  versions: listed(
    "List the versions of a workflow, and how they differ",
    async () => (await import("./commands/versions.ts")).versions,
    "anywhere",
  ),
  runs: listed("List runs, newest first", async () => (await import("./commands/runs.ts")).runs, "anywhere"),
  logs: listed("Show what the tasks of a run wrote", async () => (await import("./commands/logs.ts")).logs, "anywhere"),
  why: listed(
    "Say why a run or a task has not started, or failed",
    async () => (await import("./commands/why.ts")).why,
    "anywhere",
  ),
  cancel: listed("Stop a run", async () => (await import("./commands/cancel.ts")).cancel, "anywhere"),
  retry: listed(
    "Run an ended run again from its failed tasks",
    async () => (await import("./commands/retry.ts")).retry,
    "anywhere",
  ),
  rerun: listed(
    "Start a new run like another one, with other params or code",
    async () => (await import("./commands/rerun.ts")).rerun,
    "anywhere",
  ),
  mark: listed(
    "Let a task count as succeeded, failed or skipped",
    async () => (await import("./commands/mark.ts")).mark,
    "anywhere",
  ),
  clear: listed(
    "Run tasks of a range of windows again",
    async () => (await import("./commands/clear.ts")).clear,
    "anywhere",
  ),
  resume: listed(
    "Go on with runs whose process has ended",
    async () => (await import("./commands/resume.ts")).resume,
    "anywhere",
  ),
  backfill: listed(
    "Run the windows of a schedule from one date to another",
    async () => (await import("./commands/backfill.ts")).backfill,
    "anywhere",
  ),
  emit: listed(
    "Say that something has happened, which starts what waits for it",
    async () => (await import("./commands/emit.ts")).emit,
    "anywhere",
  ),
  approvals: listed(
    "List what tasks ask people",
    async () => (await import("./commands/approvals.ts")).approvals,
    "anywhere",
  ),
  approve: listed(
    "Say yes to what a task asks",
    async () => (await import("./commands/approve.ts")).approve,
    "anywhere",
  ),
  reject: listed("Say no to what a task asks", async () => (await import("./commands/approve.ts")).reject, "anywhere"),
  pause: listed(
    "Let the schedules of a workflow start nothing",
    async () => (await import("./commands/pause.ts")).pause,
    "anywhere",
  ),
  unpause: listed(
    "Let the schedules of a workflow start runs again",
    async () => (await import("./commands/pause.ts")).unpause,
    "anywhere",
  ),
  schedule: listed(
    "Show the runs that a schedule will make",
    async () => (await import("./commands/schedule.ts")).schedule,
    "anywhere",
  ),
  check: listed(
    "Load every pipeline file and say what is wrong",
    async () => (await import("./commands/check.ts")).check,
    "machine",
  ),
  start: listed(
    "Schedule and work until told to stop",
    async () => (await import("./commands/start.ts")).start,
    "machine",
  ),
  dev: listed(
    "As start, and take every saved file at once",
    async () => (await import("./commands/dev.ts")).dev,
    "machine",
  ),
  worker: listed(
    "Run tasks for the schedulers of a PostgreSQL store",
    async () => (await import("./commands/worker.ts")).worker,
    "machine",
  ),
  deploy: listed(
    "Register every workflow of the project as the latest",
    async () => (await import("./commands/deploy.ts")).deploy,
  ),
  workers: listed(
    "List the processes that schedule and work",
    async () => (await import("./commands/workers.ts")).workers,
    "anywhere",
  ),
  users: listed(
    "Add, change and list those who may sign in",
    async () => (await import("./commands/users.ts")).users,
    "anywhere",
  ),
  tokens: listed(
    "Make, revoke and list API tokens",
    async () => (await import("./commands/tokens.ts")).tokens,
    "anywhere",
  ),
  login: listed(
    "Keep what shows a server who you are",
    async () => (await import("./commands/login.ts")).login,
    "anywhere",
  ),
  logout: listed(
    "Forget what shows a server who you are",
    async () => (await import("./commands/login.ts")).logout,
    "anywhere",
  ),
  pools: listed(
    "List the pools and who holds their slots, or change a size",
    async () => (await import("./commands/pools.ts")).pools,
    "anywhere",
  ),
  secrets: listed(
    "Keep what tasks get as secrets, encrypted",
    async () => (await import("./commands/secrets.ts")).secrets,
    "anywhere",
  ),
  connections: listed(
    "Keep where databases and other systems are, with their passwords",
    async () => (await import("./commands/connections.ts")).connections,
    "anywhere",
  ),
  doctor: listed(
    "Check store, clocks, releases and folders",
    async () => (await import("./commands/doctor.ts")).doctor,
  ),
  migrate: listed("Bring the store up to this release", async () => (await import("./commands/migrate.ts")).migrate),
  assets: listed(
    "List assets: how fresh they are, what they are made from, what their checks found",
    async () => (await import("./commands/assets.ts")).assets,
    "anywhere",
  ),
  alerts: listed(
    "List, test and retry what people are told",
    async () => (await import("./commands/alerts.ts")).alerts,
    "anywhere",
  ),
  webhooks: listed(
    "Tell addresses outside of what happens",
    async () => (await import("./commands/webhooks.ts")).webhooks,
    "anywhere",
  ),
  prune: listed(
    "Remove old runs with their logs and artifacts",
    async () => (await import("./commands/prune.ts")).prune,
  ),
};
