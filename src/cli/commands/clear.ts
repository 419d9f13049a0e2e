import { isEndedRun } from "../../core/run-state.ts";
import { TuttiError } from "../../core/errors.ts";
import type { AnyConfig } from "../../owner/any-place.ts";
import type { RunListed } from "../../store/store-view.ts";
import { type CommandContext, defineCommand, JSON_ARG } from "../command.ts";
import { configOf } from "../config-of.ts";
import { STATUS } from "../exit-status.ts";
import { plural } from "../output/counts-text.ts";
import { viewing, viewingAgain } from "../reading.ts";
import { DRIVE_ARGS, drivenRun, driveOptions, RunDriver } from "../run-driver.ts";
import { UsageError } from "../usage-error.ts";

const PAGE = 1_000;
const DATE = /^\d{4}-\d{2}-\d{2}$/;

export const clear = defineCommand({
  name: "clear",
  description: "Run tasks of a range of windows again, in the runs that they had: what succeeded too",
  args: {
    workflow: { type: "positional", description: "Its name", required: true },
    from: { type: "string", description: "The first date", valueHint: "YYYY-MM-DD" },
    to: { type: "string", description: "The last one, included", valueHint: "YYYY-MM-DD" },
    task: { type: "string", description: "Only this task; may stand several times (default: all)", valueHint: "name" },
    downstream: { type: "boolean", description: "With --task: and everything that comes after it" },
    "dry-run": { type: "boolean", description: "Only say which runs" },
    ...DRIVE_ARGS,
    json: JSON_ARG,
  },
  repeatable: ["task"],
  examples: [
    [
      "tutti clear retail --from 2025-08-01 --to 2025-08-07 --task load --downstream",
      "load and what follows, of a week",
    ],
    ["tutti clear retail --from 2025-08-01 --to 2025-08-07 --dry-run", "which runs that would be"],
  ],
  async run(args, context) {
    const { from, to } = args;
    if (from === undefined || to === undefined || !DATE.test(from) || !DATE.test(to))
      throw new UsageError("Say of which windows: --from 2025-08-01 --to 2025-08-07.");
    const tasks = context.all("task");
    if (args.downstream === true && tasks.length === 0)
      throw new UsageError("--downstream says more about --task. Name the task: --task load");
    const config = await configOf(context);
    const runs = await runsOf(config, args.workflow, from, to);
    const ended = runs.filter(({ state }) => isEndedRun(state));
    if (ended.length === 0)
      throw new TuttiError(
        "NOTHING_TO_CLEAR",
        `Workflow "${args.workflow}" has no ended run from ${from} to ${to}. To run the windows: tutti backfill ${args.workflow} --from ${from} --to ${to}`,
      );
    for (const { id } of runs.filter(({ state }) => !isEndedRun(state)))
      context.out.note(`Run ${id} goes on, and is left as it is.`);
    if (args["dry-run"] === true) return told(ended, context, args.json === true);
    const driver = new RunDriver(context, config, driveOptions(args));
    try {
      return await clearAll(driver, config, ended, { tasks, downstream: args.downstream === true }, context);
    } finally {
      await driver.close();
    }
  },
});

interface Cleared {
  readonly tasks: readonly string[];
  readonly downstream: boolean;
}

/** One after the other, the oldest window first. One that fails does not stop the next. */
async function clearAll(
  driver: RunDriver,
  config: AnyConfig,
  runs: readonly RunListed[],
  { tasks, downstream }: Cleared,
  { out }: CommandContext,
): Promise<number> {
  const failed: string[] = [];
  for (const { id, date } of runs) {
    const driven = drivenRun((await viewingAgain(config, (view) => view.runDetail(id, { outputs: false })))!, out);
    const status = await driver.drive(driven, (follower, listener) =>
      tasks.length === 0
        ? follower.retry(id, { fresh: true }, listener)
        : follower.control(id, { kind: "clear_tasks", tasks, downstream }, listener),
    );
    if (driver.interrupted !== null) return driver.interrupted;
    if (status !== STATUS.succeeded) failed.push(date);
  }
  if (failed.length > 0 && runs.length > 1)
    out.note(`${failed.length} of ${runs.length} dates did not succeed: ${failed.slice(0, 10).join(", ")}`);
  return failed.length === 0 ? STATUS.succeeded : STATUS.failed;
}

function told(runs: readonly RunListed[], { out }: CommandContext, json: boolean): number {
  if (json) out.json(runs.map(({ id, date, state }) => ({ id, date, state })));
  else {
    for (const { id, date, state } of runs) out.line(`${date}  ${state}  ${id}`);
    out.note(`${plural(runs.length, "run")}. Nothing was cleared; without --dry-run it is.`);
  }
  return STATUS.succeeded;
}

/** Of each window the newest run, the oldest window first. */
async function runsOf(config: AnyConfig, workflow: string, from: string, to: string): Promise<readonly RunListed[]> {
  return viewing(config, async (view) => {
    const found = new Map<string, RunListed>();
    for (let before: string | undefined; ;) {
      const page = await view.listRuns({ workflow, limit: PAGE, ...(before !== undefined && { before }) });
      for (const run of page) {
        const key = `${run.intervalStart}/${run.intervalEnd}`;
        if (run.date >= from && run.date <= to && !found.has(key)) found.set(key, run);
      }
      before = page.at(-1)?.id;
      if (page.length < PAGE) break;
    }
    return [...found.values()].toSorted((a, b) => a.intervalStart - b.intervalStart);
  });
}
