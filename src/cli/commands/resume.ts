import { loadConfig } from "../../loader/config.ts";
import { defineCommand, JSON_ARG } from "../command.ts";
import { STATUS } from "../exit-status.ts";
import { plural } from "../output/counts-text.ts";
import { reading } from "../reading.ts";
import { RunDriver } from "../run-driver.ts";

const MAX_RUNS = 10_000;

export const resume = defineCommand({
  name: "resume",
  description: "Go on with a run whose process has ended; without an id, with all of them",
  args: {
    run: { type: "positional", description: "Its id, or the beginning of it (default: every unfinished run)", required: false },
    quiet: { type: "boolean", alias: "q", description: "Only say how it ended" },
    json: JSON_ARG,
  },
  examples: [
    ["tutti resume", "every unfinished run"],
    ["tutti resume 01kb3", "one; tasks whose end was recorded do not run again"],
  ],
  async run(args, context) {
    const config = await loadConfig({ cwd: context.cwd });
    const found = await reading(config, async (reader) => {
      const ids = args.run === undefined ? (await reader.listRuns({ states: ["queued", "running"], limit: MAX_RUNS })).map(({ id }) => id).reverse() : [await reader.findRun(args.run)];
      const detail = ids.length === 1 ? await reader.runDetail(ids[0]!, { outputs: false }) : null;
      return { ids, tasks: detail?.version.manifest.tasks.length ?? 0 };
    });
    if (found.ids.length === 0) {
      context.out.note("Nothing to resume: every run has ended.");
      return STATUS.succeeded;
    }
    if (found.ids.length > 1) context.out.note(`Going on with ${plural(found.ids.length, "run")}.`);
    const driver = new RunDriver(context, config, { json: args.json === true, quiet: args.quiet === true });
    try {
      const statuses = await Promise.all(found.ids.map((id) => driver.drive(id, found.tasks, (follower, listener) => follower.resume(id, listener), found.ids.length === 1)));
      return Math.max(...statuses);
    } finally {
      await driver.close();
    }
  },
});
