import { didYouMean } from "../../authoring/nearest.ts";
import { TuttiError } from "../../core/errors.ts";
import { diffManifests, isSameGraph, type ManifestDiff } from "../../core/manifest-diff.ts";
import type { StoreView, VersionListed } from "../../store/store-view.ts";
import { type CommandContext, defineCommand, JSON_ARG } from "../command.ts";
import { STATUS } from "../exit-status.ts";
import { plural } from "../output/counts-text.ts";
import { diffLines, diffText } from "../output/diff-text.ts";
import type { Output } from "../output/output.ts";
import { printTable } from "../output/table.ts";
import { isoText, timeText } from "../output/time-text.ts";
import { configOf } from "../config-of.ts";
import { viewing } from "../reading.ts";
import { UsageError } from "../usage-error.ts";

/** What of older versions is looked through for one that a hash begins with. */
const MANY = 10_000;

export const versions = defineCommand({
  name: "versions",
  description: "List the versions of a workflow, newest first, and how their graphs differ",
  args: {
    workflow: { type: "positional", description: "Its name", required: true },
    diff: {
      type: "string",
      description: "How this version differs from the one before it; two, as old..new, from each other",
      valueHint: "hash",
    },
    limit: { type: "string", alias: "n", description: "At most so many", default: "20", valueHint: "count" },
    json: JSON_ARG,
  },
  examples: [
    ["tutti versions retail", "what has changed, and which version schedules start"],
    ["tutti versions retail --diff 3f2a1c..9be01d", "each difference a line"],
  ],
  async run(args, context) {
    const limit = Number(args.limit);
    if (!Number.isSafeInteger(limit) || limit < 1 || limit > MANY)
      throw new UsageError(`"${args.limit}" is no limit. Give a whole number from 1 to 10,000.`);
    const config = await configOf(context);
    return viewing(config, (reader) =>
      args.diff === undefined
        ? list(reader, args.workflow, limit, context, args.json === true)
        : compare(reader, args.workflow, args.diff, context, args.json === true),
    );
  },
});

async function list(
  reader: StoreView,
  workflow: string,
  limit: number,
  { out }: CommandContext,
  json: boolean,
): Promise<number> {
  // One more than asked for: the last is told by what came before it.
  const found = await versionsOf(reader, workflow, limit + 1);
  const rows = found.slice(0, limit).map((version, at) => ({ version, diff: diffOf(found[at + 1], version) }));
  if (json) out.json(rows.map(({ version, diff }) => ({ ...documentOf(version), diff })));
  else
    printTable(out, rows, [
      { head: "version", cell: ({ version: { hash } }) => hash.slice(0, 8) },
      { head: "registered", cell: ({ version: { createdAt } }) => timeText(createdAt) },
      { head: "", cell: ({ version }) => markOf(version, out) },
      { head: "file", cell: ({ version: { file } }) => file },
      { head: "changes", cell: ({ diff }) => (diff === null ? "" : diffText(diff)) },
    ]);
  return STATUS.succeeded;
}

async function compare(
  reader: StoreView,
  workflow: string,
  asked: string,
  { out }: CommandContext,
  json: boolean,
): Promise<number> {
  const all = await versionsOf(reader, workflow, MANY);
  const [first = "", second] = asked.split("..");
  const after = one(all, second ?? first, workflow);
  const before = second === undefined ? all[all.indexOf(after) + 1] : one(all, first, workflow);
  if (before === undefined)
    throw new TuttiError(
      "VERSION_NOT_FOUND",
      `Version "${first}" of "${workflow}" is the oldest in the store: there is none to compare it with.`,
    );
  const diff = diffManifests(before.manifest, after.manifest);
  if (json) {
    out.json({ before: documentOf(before), after: documentOf(after), diff });
    return STATUS.succeeded;
  }
  out.line(out.style("dim", `${workflow}: ${before.hash.slice(0, 8)} → ${after.hash.slice(0, 8)}`));
  if (isSameGraph(diff)) out.line("The graphs are the same: only code differs.");
  for (const { mark, text } of diffLines(diff))
    out.line(`${out.style(mark === "+" ? "green" : mark === "-" ? "red" : "yellow", mark)} ${text}`);
  return STATUS.succeeded;
}

/** @throws TuttiError `WORKFLOW_NOT_FOUND` */
async function versionsOf(reader: StoreView, workflow: string, limit: number): Promise<readonly VersionListed[]> {
  const found = await reader.listVersions(workflow, { limit });
  if (found.length > 0) return found;
  const known = (await reader.listWorkflows()).map(({ name }) => name);
  throw new TuttiError(
    "WORKFLOW_NOT_FOUND",
    `The store has no version of a workflow "${workflow}".${didYouMean(workflow, known)} It gets one with its first run or deployment.`,
  );
}

/** @throws TuttiError `VERSION_NOT_FOUND` */
function one(all: readonly VersionListed[], prefix: string, workflow: string): VersionListed {
  const found = all.filter(({ hash }) => prefix !== "" && hash.startsWith(prefix));
  if (found.length === 1) return found[0]!;
  const why =
    found.length === 0 ? "There is no" : `${plural(found.length, "version")} begin with this: there is no one`;
  throw new TuttiError(
    "VERSION_NOT_FOUND",
    `${why} version "${prefix}" of "${workflow}". To see them all: tutti versions ${workflow}`,
  );
}

const diffOf = (before: VersionListed | undefined, after: VersionListed): ManifestDiff | null =>
  before === undefined ? null : diffManifests(before.manifest, after.manifest);

function markOf({ latest, unfinishedRuns }: VersionListed, out: Output): string {
  const runs = unfinishedRuns === 0 ? [] : [plural(unfinishedRuns, "unfinished run")];
  return [...(latest ? [out.style("green", "latest")] : []), ...runs].join(", ");
}

const documentOf = ({ hash, file, createdAt, latest, unfinishedRuns, outside }: VersionListed): object => ({
  version: hash,
  file,
  registeredAt: isoText(createdAt),
  latest,
  unfinishedRuns,
  outside,
});
