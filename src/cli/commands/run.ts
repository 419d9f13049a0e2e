import { randomBytes } from "node:crypto";
import { systemClock } from "../../core/clock.ts";
import { standingTasks } from "../../core/manifest.ts";
import { runIdFrom } from "../../core/run-id.ts";
import type { RunWindow } from "../../core/window.ts";
import type { NewVersion } from "../../store/store.ts";
import { type AnyConfig, isHere } from "../../owner/any-place.ts";
import type { RunRequest } from "../../owner/run-session.ts";
import { type CommandContext, defineCommand, JSON_ARG } from "../command.ts";
import { STATUS } from "../exit-status.ts";
import { configOf } from "../config-of.ts";
import { findTarget } from "../find-target.ts";
import { latestVersion } from "../latest-version.ts";
import { DRIVE_ARGS, driveOptions, RunDriver } from "../run-driver.ts";
import { paramsFrom } from "../run-params.ts";
import { windowsFor } from "../run-windows.ts";
import { runTitle } from "../output/run-title.ts";
import { UsageError } from "../usage-error.ts";

export const run = defineCommand({
  name: "run",
  description: "Run a workflow, for one date or several, to its end",
  args: {
    workflow: { type: "positional", description: "Its name", required: true },
    file: { type: "string", description: "Only this pipeline file is loaded", valueHint: "path" },
    date: {
      type: "string",
      description: "The window of the schedule that contains it (default: the last closed one)",
      valueHint: "YYYY-MM-DD",
    },
    from: {
      type: "string",
      description: "With --to: every window from this date on, one after the other",
      valueHint: "YYYY-MM-DD",
    },
    to: { type: "string", description: "The last date, included", valueHint: "YYYY-MM-DD" },
    partition: { type: "string", description: "Instead of a date: the partition that it makes", valueHint: "key" },
    param: { type: "string", description: "A param; may stand several times", valueHint: "name=value" },
    params: { type: "string", description: "All params as one JSON object", valueHint: "JSON" },
    fresh: { type: "boolean", description: "Every task runs: none takes a value that another run has made" },
    ...DRIVE_ARGS,
    json: JSON_ARG,
  },
  repeatable: ["param"],
  examples: [
    ["tutti run hello", "for the last closed window"],
    ["tutti run retail --date 2017-12-25", "for one day"],
    ["tutti run retail --from 2017-12-24 --to 2017-12-30", "for a week; a day that fails does not stop the next"],
    ['tutti run regions --partition "2025-01-02|emea"', "for one partition of what it makes"],
    ["tutti run retail --param region=East --json", "with a param; one JSON document per run"],
  ],
  async run(args, context) {
    const config = await configOf(context);
    const { manifest, ...workflow } = await codeOf(args.workflow, config, args.file, context.cwd);
    const windows = windowsFor(manifest, args);
    const params = paramsFrom(manifest, args.params, context.all("param"));
    const [schedule] = manifest.schedules;
    if (manifest.schedules.length > 1 && schedule)
      context.out.note(
        `"${manifest.name}" has ${manifest.schedules.length} schedules; its dates are windows of the first, "${schedule.name}".`,
      );
    const driver = new RunDriver(context, config, driveOptions(args));
    try {
      const code = { manifest, ...workflow, fresh: args.fresh === true };
      return await runWindows(driver, code, windows, params, context, args.json === true);
    } finally {
      await driver.close();
    }
  },
});

interface RunCode extends Pick<RunRequest, "version" | "workflow" | "fresh"> {
  readonly manifest: NewVersion["manifest"];
}

/** The code as it is here; of a server, what was deployed there last. */
async function codeOf(name: string, config: AnyConfig, file: string | undefined, cwd: string): Promise<RunCode> {
  if (isHere(config)) {
    const { version } = await findTarget(name, config, file, cwd);
    return { version, manifest: version.manifest };
  }
  if (file !== undefined)
    throw new UsageError(`A server runs what was deployed there. Leave --file out, or leave --server out.`);
  const { id, hash, manifest, workflow } = await latestVersion(config, name);
  return { version: { id, hash }, workflow, manifest };
}

/** One after the other. A window that fails does not stop the next: each is a run of its own. */
async function runWindows(
  driver: RunDriver,
  { manifest, ...code }: RunCode,
  windows: readonly RunWindow[],
  params: unknown,
  { out }: CommandContext,
  json: boolean,
): Promise<number> {
  const failed: string[] = [];
  for (const [at, window] of windows.entries()) {
    const id = runIdFrom(systemClock.now(), randomBytes(10));
    const title = runTitle({ ...window, id, workflow: manifest.name }, out);
    const status = await driver.drive({ id, title, tasks: standingTasks(manifest).length }, (follower, listener) =>
      follower.run({ id, ...code, params, window }, listener),
    );
    const left = windows.slice(at + 1);
    if (driver.interrupted !== null && (left.length > 0 || status === driver.interrupted)) {
      if (left.length > 0) out.note(`Not started: ${notStarted(left)}`);
      return driver.interrupted;
    }
    if (status !== STATUS.succeeded) failed.push(window.date);
    if (!json && windows.length > 1) out.line();
  }
  if (failed.length > 0 && windows.length > 1)
    out.note(
      `${failed.length} of ${windows.length} dates did not succeed: ${failed.slice(0, 10).join(", ")}${failed.length > 10 ? " …" : ""}`,
    );
  return failed.length === 0 ? STATUS.succeeded : STATUS.failed;
}

const notStarted = (left: readonly RunWindow[]): string =>
  left.length === 1 ? left[0]!.date : `${left.length} dates, --from ${left[0]!.date} --to ${left.at(-1)!.date}`;
