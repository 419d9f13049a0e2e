import { type AnyConfig, isHere } from "../../owner/any-place.ts";
import type { ControlRequest } from "../../engine/control-request.ts";
import type { RetryOptions } from "../../owner/run-session.ts";
import { INDEX_ARG, indexOf } from "../controlled.ts";
import { defineCommand, JSON_ARG } from "../command.ts";
import { findTarget } from "../find-target.ts";
import { configOf } from "../config-of.ts";
import { STATUS } from "../exit-status.ts";
import { plural } from "../output/counts-text.ts";
import { viewing } from "../reading.ts";
import { DRIVE_ARGS, drivenRun, driveOptions, RunDriver } from "../run-driver.ts";
import { chosenRuns, SELECT_ARG } from "../selected-runs.ts";
import { UsageError } from "../usage-error.ts";

export const retry = defineCommand({
  name: "retry",
  description: "Run an ended run again from its failed tasks; finished ones keep their values",
  args: {
    run: { type: "positional", description: "Its id, or the beginning of it", required: false },
    select: SELECT_ARG,
    task: {
      type: "string",
      description: "Only this task and what comes after it, whatever became of them; may stand several times",
      valueHint: "name",
    },
    index: INDEX_ARG,
    only: { type: "boolean", description: "With --task: not what comes after it, unless it never ran" },
    fresh: {
      type: "boolean",
      description: "From its first task: nothing keeps its value, and none of another run is taken",
    },
    version: {
      type: "string",
      description: "The code it goes on with: same or latest",
      default: "same",
      valueHint: "same|latest",
    },
    ...DRIVE_ARGS,
    json: JSON_ARG,
  },
  repeatable: ["task"],
  examples: [
    ["tutti retry 01kb3 --task load", "load again, and everything that comes after it"],
    ["tutti retry 01kb3", "any unique beginning of an id stands for the run"],
    ["tutti retry 01kb3 --version latest", "the failed tasks, with what was mended since"],
    ['tutti retry --select "state:failed workflow:retail since:2d"', "all that failed"],
  ],
  async run(args, context) {
    if (args.version !== "same" && args.version !== "latest")
      throw new UsageError(`"${args.version}" is no version to go on with. There are: same, latest.`);
    const cleared = clearedTasks(args, context.all("task"));
    const config = await configOf(context);
    if ((args.run === undefined) === (args.select === undefined))
      throw new UsageError(
        `Say which: tutti retry <run>, or tutti retry --select "state:failed workflow:retail since:2d"`,
      );
    const found = await viewing(config, async (view) => {
      const ids =
        args.select === undefined
          ? [await view.findRun(args.run!)]
          : (await chosenRuns(args.select, ["failed", "cancelled"], view)).map(({ id }) => id).reverse();
      const details = await Promise.all(ids.map((id) => view.runDetail(id, { outputs: false })));
      return details.filter((detail) => detail !== null);
    });
    if (found.length === 0) {
      context.out.note("There is no such run that could be retried.");
      return STATUS.succeeded;
    }
    if (found.length > 1) context.out.note(`Retrying ${plural(found.length, "run")}.`);
    const driver = new RunDriver(context, config, driveOptions(args));
    try {
      const statuses = await Promise.all(
        found.map(async (detail) => {
          const { id, workflow } = detail.run;
          const version = args.version === "latest" ? { version: await latest(workflow, config, context.cwd) } : {};
          const options: RetryOptions = { fresh: args.fresh === true, ...version };
          const driven = drivenRun(detail, context.out);
          return driver.drive(
            driven,
            (follower, listener) =>
              cleared === null ? follower.retry(id, options, listener) : follower.control(id, cleared, listener),
            found.length === 1,
          );
        }),
      );
      return Math.max(...statuses);
    } finally {
      await driver.close();
    }
  },
});

/** On one machine that is the code as it is now; on many, what was deployed last. */
async function latest(workflow: string, config: AnyConfig, cwd: string): Promise<RetryOptions["version"]> {
  if (!isHere(config) || config.store.kind === "postgres") return "latest";
  return (await findTarget(workflow, config, undefined, cwd)).version;
}

/** `null`: no task was named. @throws UsageError */
function clearedTasks(
  {
    only,
    index,
    fresh,
    version,
  }: Readonly<Partial<Record<"only" | "fresh", boolean> & Record<"index" | "version", string>>>,
  tasks: readonly string[],
): ControlRequest | null {
  if (tasks.length === 0 && (only === true || index !== undefined))
    throw new UsageError("--only and --index say more about --task. Name the task: --task load");
  if (tasks.length > 0 && (fresh === true || version === "latest"))
    throw new UsageError(
      "--task goes on with the code that the run has, and runs nothing else anew: leave --fresh and --version out.",
    );
  return tasks.length === 0 ? null : { kind: "clear_tasks", tasks, downstream: only !== true, ...indexOf(index) };
}
