import { didYouMean } from "../../authoring/nearest.ts";
import { TuttiError } from "../../core/errors.ts";
import type { AssetDesk } from "../../owner/asset-desk.ts";
import type { AssetViews } from "../../owner/asset-view.ts";
import { openAssetDesk } from "../../owner/open-work.ts";
import { type CommandContext, defineCommand, JSON_ARG } from "../command.ts";
import { configOf } from "../config-of.ts";
import { STATUS } from "../exit-status.ts";
import { assetDocument, assetLines, assetTable, graphOfAssets } from "../output/asset-text.ts";
import { findingDocument, findingTable, updateDocument, updateTable } from "../output/asset-history-text.ts";
import { UsageError } from "../usage-error.ts";

const ACTS = ["list", "show", "history", "checks", "graph"] as const;
const MOST = 10_000;

export const assets = defineCommand({
  name: "assets",
  description:
    "What tasks make and read: how fresh it is, what it is made from, what updated it, what its checks found",
  args: {
    act: { type: "positional", description: `${ACTS.join(", ")}. Default: list`, required: false, default: "list" },
    name: { type: "positional", description: "The asset, for show, history and checks", required: false },
    late: { type: "boolean", description: "Of list: only what is older than it may be" },
    partition: { type: "string", description: "Of history: only this part", valueHint: "partition" },
    check: { type: "string", description: "Of checks: only this one", valueHint: "name" },
    limit: {
      type: "string",
      alias: "n",
      description: "At most so many lines of history",
      default: "20",
      valueHint: "n",
    },
    json: JSON_ARG,
  },
  examples: [
    ["tutti assets", "every asset, its age and its checks"],
    ["tutti assets --late", "exits with 1 if there is one that is late"],
    ["tutti assets show warehouse://sales/daily", "who makes it, from what, and who reads it"],
    ["tutti assets history warehouse://sales/daily", "what updated it, with what the task said about it"],
    ["tutti assets graph", "which are made from which, over all workflows"],
  ],
  async run(args, context) {
    const { act, name } = args;
    if (!(ACTS as readonly string[]).includes(act))
      throw new UsageError(`"tutti assets" can ${ACTS.join(", ")}, not "${act}".${didYouMean(act, ACTS)}`);
    if (name === undefined && act !== "list" && act !== "graph")
      throw new UsageError(`"tutti assets ${act}" needs the name of an asset. See: tutti assets`);
    const limit = /^\d+$/.test(args.limit) ? Number(args.limit) : NaN;
    if (!(limit >= 1 && limit <= MOST))
      throw new UsageError(`"--limit ${args.limit}" must be a whole number from 1 to ${MOST}.`);
    const asked = {
      ...args,
      act: act as (typeof ACTS)[number],
      limit,
      json: args.json === true,
      late: args.late === true,
    };
    const desk = await openAssetDesk(await configOf(context));
    try {
      return await answer(asked, desk, context);
    } finally {
      await desk.close();
    }
  },
});

interface Asked {
  readonly act: (typeof ACTS)[number];
  readonly name?: string | undefined;
  readonly partition?: string | undefined;
  readonly check?: string | undefined;
  readonly late: boolean;
  readonly limit: number;
  readonly json: boolean;
}

async function answer(asked: Asked, desk: AssetDesk, { out }: CommandContext): Promise<number> {
  const views = await desk.all();
  const { act, json, limit, partition, check } = asked;
  if (act === "list") {
    const found = asked.late ? views.assets.filter(({ state }) => state === "late") : views.assets;
    if (json) out.json(found.map(assetDocument));
    else if (found.length === 0) out.line(asked.late ? "No asset is late." : NOTHING);
    else assetTable(found, out);
    return asked.late && found.length > 0 ? STATUS.failed : STATUS.succeeded;
  }
  if (act === "graph") {
    if (json) out.json({ assets: views.assets.map(({ name }) => name), edges: views.edges });
    else if (views.assets.length === 0) out.line(NOTHING);
    else for (const line of graphOfAssets(views, out)) out.line(line);
    return STATUS.succeeded;
  }
  const view = oneOf(views, asked.name!);
  if (act === "show") {
    if (json) out.json(assetDocument(view));
    else for (const line of assetLines(view, out)) out.line(line);
  } else if (act === "history") {
    const found = await desk.updates({
      asset: view.name,
      limit,
      ...(partition !== undefined && { partition }),
    });
    if (json) out.json(found.map(updateDocument));
    else updateTable(found, out);
  } else {
    const found = await desk.findings({ asset: view.name, limit, ...(check !== undefined && { check }) });
    if (json) out.json(found.map(findingDocument));
    else findingTable(found, out);
  }
  return STATUS.succeeded;
}

const NOTHING = `No assets yet. A task says what it makes with: produces: asset("warehouse://sales")`;

function oneOf({ assets: all }: AssetViews, name: string) {
  const found = all.find((view) => view.name === name);
  if (found !== undefined) return found;
  const names = all.map((view) => view.name);
  throw new TuttiError(
    "ASSET_NOT_FOUND",
    `There is no asset "${name}" in this store.${didYouMean(name, names)} To see them all: tutti assets`,
  );
}
