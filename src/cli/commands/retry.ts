import { loadConfig } from "../../loader/config.ts";
import { defineCommand, JSON_ARG } from "../command.ts";
import { reading } from "../reading.ts";
import { RunDriver } from "../run-driver.ts";

export const retry = defineCommand({
  name: "retry",
  description: "Run an ended run again from its failed tasks; finished ones keep their values. It keeps the version it began with",
  args: {
    run: { type: "positional", description: "Its id, or the beginning of it", required: true },
    quiet: { type: "boolean", alias: "q", description: "Only say how it ended" },
    json: JSON_ARG,
  },
  examples: [["tutti retry 01kb3", "any unique beginning of an id stands for the run"]],
  async run(args, context) {
    const config = await loadConfig({ cwd: context.cwd });
    const { runId, tasks } = await reading(config, async (reader) => {
      const runId = await reader.findRun(args.run);
      const detail = await reader.runDetail(runId, { outputs: false });
      return { runId, tasks: detail?.version.manifest.tasks.length ?? 0 };
    });
    const driver = new RunDriver(context, config, { json: args.json === true, quiet: args.quiet === true });
    try {
      return await driver.drive(runId, tasks, (follower, listener) => follower.retry(runId, listener));
    } finally {
      await driver.close();
    }
  },
});
