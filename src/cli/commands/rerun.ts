import { randomBytes } from "node:crypto";
import { systemClock } from "../../core/clock.ts";
import type { WorkflowManifest } from "../../core/manifest.ts";
import { runIdFrom } from "../../core/run-id.ts";
import { decodeValue } from "../../core/value-codec.ts";
import { type AnyConfig, isHere } from "../../owner/any-place.ts";
import type { RunRequest } from "../../owner/run-session.ts";
import { defineCommand, JSON_ARG } from "../command.ts";
import { configOf } from "../config-of.ts";
import { latestVersion } from "../latest-version.ts";
import { findTarget } from "../find-target.ts";
import { viewing } from "../reading.ts";
import { runTitle } from "../output/run-title.ts";
import { DRIVE_ARGS, driveOptions, RunDriver } from "../run-driver.ts";
import { paramsFrom } from "../run-params.ts";
import { UsageError } from "../usage-error.ts";

export const rerun = defineCommand({
  name: "rerun",
  description:
    "Start a new run like another one: of its window, with its params or others, with its code or the latest",
  args: {
    run: { type: "positional", description: "The id of that one, or the beginning of it", required: true },
    param: { type: "string", description: "A param that is another; may stand several times", valueHint: "name=value" },
    params: { type: "string", description: "All params as one JSON object, instead of those", valueHint: "JSON" },
    version: { type: "string", description: "Its code: same or latest", default: "same", valueHint: "same|latest" },
    ...DRIVE_ARGS,
    json: JSON_ARG,
  },
  repeatable: ["param"],
  examples: [
    ["tutti rerun 01kb3 --param region=apac", "the same window and code, with one param that differs"],
    ["tutti rerun 01kb3 --version latest", "the same window and params, with the code as it is now"],
  ],
  async run(args, context) {
    if (args.version !== "same" && args.version !== "latest")
      throw new UsageError(`"${args.version}" is no version to run. There are: same, latest.`);
    const config = await configOf(context);
    const { run, version } = await viewing(
      config,
      async (view) => (await view.runDetail(await view.findRun(args.run), { outputs: false }))!,
    );
    const latest = args.version === "latest" ? await latestCode(run.workflow, config, context.cwd) : null;
    const { manifest } = latest ?? version;
    const before: unknown = run.paramsInput === null ? undefined : decodeValue(run.paramsInput);
    const given = paramsFrom(manifest, args.params, context.all("param"));
    const params =
      args.params === undefined && isRecord(before) && isRecord(given) ? { ...before, ...given } : (given ?? before);
    const id = runIdFrom(systemClock.now(), randomBytes(10));
    const { intervalStart: start, intervalEnd: end, date, timezone, partition } = run;
    const window = { start, end, date, timezone, ...(partition !== undefined && { partition }) };
    const request: RunRequest = {
      id,
      version: latest?.version ?? { id: version.id, hash: version.hash },
      workflow: run.workflow,
      params,
      window,
      // Whoever runs it again wants to see it run.
      fresh: true,
    };
    const { out } = context;
    const title = runTitle({ ...window, id, workflow: run.workflow }, out);
    const driver = new RunDriver(context, config, driveOptions(args));
    try {
      return await driver.drive({ id, title, tasks: manifest.tasks.length }, (follower, listener) =>
        follower.run(request, listener),
      );
    } finally {
      await driver.close();
    }
  },
});

/** The code as it is here; of a server, what was deployed there last. */
async function latestCode(
  workflow: string,
  config: AnyConfig,
  cwd: string,
): Promise<Pick<RunRequest, "version"> & { readonly manifest: WorkflowManifest }> {
  if (isHere(config)) {
    const { version } = await findTarget(workflow, config, undefined, cwd);
    return { version, manifest: version.manifest };
  }
  const { id, hash, manifest } = await latestVersion(config, workflow);
  return { version: { id, hash }, manifest };
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);
