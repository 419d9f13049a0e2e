import { defineCommand, JSON_ARG } from "../command.ts";
import { STATUS } from "../exit-status.ts";
import { plural } from "../output/counts-text.ts";
import { configOf } from "../config-of.ts";
import { viewing } from "../reading.ts";
import { DRIVE_ARGS, drivenRun, driveOptions, RunDriver } from "../run-driver.ts";

const MAX_RUNS = 10_000;

export const resume = defineCommand({
  name: "resume",
  description: "Go on with a run whose process has ended; without an id, with all of them",
  args: {
    run: {
      type: "positional",
      description: "Its id, or the beginning of it (default: every unfinished run)",
      required: false,
    },
    ...DRIVE_ARGS,
    json: JSON_ARG,
  },
  examples: [
    ["tutti resume", "every unfinished run"],
    ["tutti resume 01kb3", "one; tasks whose end was recorded do not run again"],
  ],
  async run(args, context) {
    const config = await configOf(context);
    const found = await viewing(config, async (reader) => {
      const ids =
        args.run === undefined
          ? (await reader.listRuns({ states: ["queued", "running"], limit: MAX_RUNS })).map(({ id }) => id).reverse()
          : [await reader.findRun(args.run)];
      const details = await Promise.all(ids.map((id) => reader.runDetail(id, { outputs: false })));
      return details.filter((detail) => detail !== null).map((detail) => drivenRun(detail, context.out));
    });
    if (found.length === 0) {
      context.out.note("Nothing to resume: every run has ended.");
      return STATUS.succeeded;
    }
    if (found.length > 1) context.out.note(`Going on with ${plural(found.length, "run")}.`);
    const driver = new RunDriver(context, config, driveOptions(args));
    try {
      const statuses = await Promise.all(
        found.map((run) =>
          driver.drive(run, (follower, listener) => follower.resume(run.id, listener), found.length === 1),
        ),
      );
      return Math.max(...statuses);
    } finally {
      await driver.close();
    }
  },
});
