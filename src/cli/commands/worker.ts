import { loadConfig } from "../../loader/config.ts";
import { defineCommand, JSON_ARG } from "../command.ts";
import { stayUntilTold } from "../stay-until-told.ts";
import { labelsFrom, queuesFrom, slotsFrom, WORKER_ARGS } from "../worker-args.ts";

export const worker = defineCommand({
  name: "worker",
  description: "Run tasks for the schedulers of a PostgreSQL store, until told to stop. It reads no pipeline file",
  args: { ...WORKER_ARGS, json: JSON_ARG },
  repeatable: ["queue", "label"],
  examples: [
    ["tutti worker", `tasks of the queue "default"`],
    ["tutti worker --queue gpu --slots 2 --label zone=eu-1", "those that name the queue, two at once"],
  ],
  async run(args, context) {
    const options = {
      roles: ["worker"] as const,
      queues: queuesFrom(context.all("queue")),
      slots: slotsFrom(args.slots),
      labels: labelsFrom(context.all("label")),
    };
    const config = await loadConfig({ cwd: context.cwd });
    return stayUntilTold({ config, ...options }, context, args.json === true);
  },
});
