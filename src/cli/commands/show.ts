import { standingTasks, type WorkflowManifest } from "../../core/manifest.ts";
import type { Config } from "../../loader/config.ts";
import { type AnyConfig, isHere } from "../../owner/any-place.ts";
import { loadProject } from "../../loader/load.ts";
import type { LoadedWorkflow } from "../../loader/loaded-file.ts";
import { defineCommand, JSON_ARG } from "../command.ts";
import { STATUS } from "../exit-status.ts";
import { findTarget } from "../find-target.ts";
import { plural } from "../output/counts-text.ts";
import { graphLines } from "../output/graph-text.ts";
import { dimensionsOf } from "../../core/partition-selection.ts";
import { type MadePartitions, partitionsOf } from "../../core/workflow-partitions.ts";
import { startTexts } from "../../core/schedule-text.ts";
import { timeText } from "../output/time-text.ts";
import { nextFire } from "../../owner/next-fire.ts";
import { configOf } from "../config-of.ts";
import { latestVersion } from "../latest-version.ts";
import { viewing } from "../reading.ts";

export const show = defineCommand({
  name: "show",
  description: "Draw the graph of a workflow",
  args: {
    workflow: { type: "positional", description: "Its name", required: true },
    file: { type: "string", description: "Only this pipeline file is loaded", valueHint: "path" },
    json: { ...JSON_ARG, description: "Print the workflow's manifest" },
  },
  examples: [["tutti show retail", "each line leads to the tasks that come after"]],
  async run(args, context) {
    const { cwd, out } = context;
    const config = await configOf(context);
    const { name, file, hash, manifest } = isHere(config)
      ? ((args.file === undefined ? await deployed(config, args.workflow) : null) ??
        shown(await findTarget(args.workflow, config, args.file, cwd)))
      : { name: args.workflow, ...(await latestVersion(config, args.workflow)) };
    if (args.json) {
      out.json({ name, file, version: hash, manifest });
      return STATUS.succeeded;
    }
    out.line(`${out.style("bold", name)}${manifest.description === null ? "" : `  ${manifest.description}`}`);
    const facts = [
      file,
      `version ${hash.slice(0, 8)}`,
      ...startTexts(manifest),
      ...partitionsOf(manifest).map(partitionsText),
      ...(manifest.start === null ? [] : [`from ${manifest.start}`]),
      ...(manifest.end === null ? [] : [`until ${manifest.end}`]),
      ...(await nextText(config, manifest)),
    ];
    out.line(
      out.style(
        "dim",
        [
          ...facts,
          plural(standingTasks(manifest).length, "task"),
          ...paramsText(manifest.params?.schema ?? null, manifest.params !== null),
        ].join(" · "),
      ),
    );
    out.line();
    for (const line of graphLines(manifest, out)) out.line(line);
    return STATUS.succeeded;
  },
});

/** What a run by hand or a backfill can name. */
const partitionsText = ({ assets, partitions }: MadePartitions): string =>
  `makes ${assets.join(", ")} by ${dimensionsOf(partitions)
    .map(([name, one]) => (name !== "" ? name : one.kind === "time" ? one.format : "key"))
    .join("|")}`;

async function nextText(config: AnyConfig, manifest: WorkflowManifest): Promise<string[]> {
  if (manifest.schedules.length === 0 && manifest.triggers === undefined) return [];
  const { paused, records } = await stored(config, manifest.name);
  if (paused !== null) return [`paused since ${timeText(paused.at)} by ${paused.by}`];
  const next = nextFire(manifest, records);
  if (manifest.schedules.length === 0) return [];
  return [next === null ? "no run is to come" : `next run ${timeText(next)}`];
}

/** Where nothing has run in the project yet, nothing is stored. */
async function stored(config: AnyConfig, workflow: string) {
  try {
    return await viewing(config, async (reader) => ({
      paused: (await reader.listWorkflows()).find(({ name }) => name === workflow)?.paused ?? null,
      records: await reader.listSchedules([workflow]),
    }));
  } catch (error) {
    if ((error as { code?: string }).code !== "STORE_NOT_FOUND" || config.store.kind !== "sqlite") throw error;
    return { paused: null, records: [] };
  }
}

interface Shown {
  readonly name: string;
  readonly file: string;
  readonly hash: string;
  readonly manifest: WorkflowManifest;
}

const shown = ({ name, file, version: { hash, manifest } }: LoadedWorkflow): Shown => ({ name, file, hash, manifest });

/** A workflow that is in the store and in no file here, as on a machine that only schedules or works. */
async function deployed(config: Config, workflow: string): Promise<Shown | null> {
  if (config.store.kind === "sqlite" || (await loadProject(config)).workflows.has(workflow)) return null;
  const version = await viewing(config, (reader) => reader.latestVersion(workflow));
  return version === null ? null : { name: workflow, ...version };
}

function paramsText(schema: { readonly [key: string]: unknown } | null, has: boolean): string[] {
  if (!has) return [];
  const fields = Object.entries(
    (schema?.["properties"] ?? {}) as Record<string, { type?: unknown; default?: unknown }>,
  );
  const text = fields.map(
    ([name, { type, default: byDefault }]) =>
      `${name}${typeof type === "string" ? `: ${type}` : ""}${byDefault === undefined ? "" : ` = ${JSON.stringify(byDefault)}`}`,
  );
  return [text.length === 0 ? "takes params" : `params ${text.join(", ")}`];
}
