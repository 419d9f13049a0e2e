import { didYouMean } from "../../authoring/nearest.ts";
import { loadConfig } from "../../loader/config.ts";
import { PROCESS_ROLES, type ProcessRole } from "../../store/process-list.ts";
import { defineCommand, JSON_ARG } from "../command.ts";
import { stayUntilTold } from "../stay-until-told.ts";
import { SERVER_ARGS, serverFlags } from "../server-args.ts";
import { UsageError } from "../usage-error.ts";
import { labelsFrom, queuesFrom, slotsFrom, WORKER_ARGS } from "../worker-args.ts";

export const start = defineCommand({
  name: "start",
  description: "Work on the store until told to stop: as its owner (SQLite), or as one of many (PostgreSQL)",
  args: {
    role: {
      type: "string",
      description: `What this process does: ${PROCESS_ROLES.join(", ")} (default: all; on SQLite only "server" can be left out)`,
      valueHint: "role,role",
    },
    ...WORKER_ARGS,
    ...SERVER_ARGS,
    json: JSON_ARG,
  },
  repeatable: ["role", "queue", "label"],
  examples: [
    ["tutti start", "schedules and works; SIGTERM lets running tasks end, for up to 30 s"],
    ["tutti start --role scheduler", "on PostgreSQL: one of any number of schedulers; workers are elsewhere"],
    ["tutti start --role server --port 8080", "on PostgreSQL: only the API"],
  ],
  async run(args, context) {
    const roles = rolesFrom(context.all("role"));
    const options = {
      roles,
      queues: queuesFrom(context.all("queue")),
      slots: slotsFrom(args.slots),
      labels: labelsFrom(context.all("label")),
    };
    const config = await loadConfig({ cwd: context.cwd, flags: serverFlags(args) });
    return stayUntilTold({ config, ...options }, context, args.json === true);
  },
});

function rolesFrom(given: readonly string[]): readonly ProcessRole[] {
  const named = given.flatMap((text) => text.split(",")).map((text) => text.trim());
  for (const role of named) {
    if ((PROCESS_ROLES as readonly string[]).includes(role)) continue;
    throw new UsageError(
      `"${role}" is no role.${didYouMean(role, PROCESS_ROLES)} There are: ${PROCESS_ROLES.join(", ")}.`,
      "UNKNOWN_ROLE",
    );
  }
  return named.length === 0 ? PROCESS_ROLES : PROCESS_ROLES.filter((role) => named.includes(role));
}
