import { loadConfig } from "../../loader/config.ts";
import { defineCommand, JSON_ARG } from "../command.ts";
import { reading } from "../reading.ts";
import { drivenRun, RunDriver } from "../run-driver.ts";

export const retry = defineCommand({
  name: "retry",
  description:
    "Run an ended run again from its failed tasks; finished ones keep their values. It keeps the version it began with",
  args: {
    run: { type: "positional", description: "Its id, or the beginning of it", required: true },
    quiet: { type: "boolean", alias: "q", description: "Only say how it ended" },
    json: JSON_ARG,
  },
  examples: [["tutti retry 01kb3", "any unique beginning of an id stands for the run"]],
  async run(args, context) {
    const config = await loadConfig({ cwd: context.cwd });
    const driven = await reading(config, async (reader) => {
      const detail = (await reader.runDetail(await reader.findRun(args.run), { outputs: false }))!;
      return drivenRun(detail, context.out);
    });
    const driver = new RunDriver(context, config, { json: args.json === true, quiet: args.quiet === true });
    try {
      return await driver.drive(driven, (follower, listener) => follower.retry(driven.id, listener));
    } finally {
      await driver.close();
    }
  },
});
