import { didYouMean } from "../../authoring/nearest.ts";
import type { AnyConfig } from "../../owner/any-place.ts";
import { configOf } from "../config-of.ts";
import { maskUrl } from "../../loader/mask-url.ts";
import { connectionVariable } from "../../core/connection-variable.ts";
import type { SecretRecord } from "../../store/secrets.ts";
import { type CommandContext, defineCommand, JSON_ARG } from "../command.ts";
import { STATUS } from "../exit-status.ts";
import { printTable } from "../output/table.ts";
import { timeText } from "../output/time-text.ts";
import { keptDocument, listKept, removeKept, setKept, tagsText } from "../secrets/kept.ts";
import { UsageError } from "../usage-error.ts";
import { tagsFrom } from "./users.ts";

const ACTS = ["list", "set", "rm"] as const;

export const connections = defineCommand({
  name: "connections",
  description: "Where databases and other systems are, with their passwords: kept encrypted, or configured",
  args: {
    act: { type: "positional", description: ACTS.join(", "), required: false, default: "list" },
    name: { type: "positional", description: "Of the connection", required: false },
    tag: { type: "string", description: "Only for workflows with this tag; may stand several times", valueHint: "tag" },
    description: { type: "string", description: "What it is for", valueHint: "text" },
    json: JSON_ARG,
  },
  repeatable: ["tag"],
  examples: [
    ["tutti connections set orders", "asks for its URL; from a pipe, reads it"],
    ["tutti connections", "which there are, without passwords, and who keeps them"],
  ],
  async run(args, context) {
    const { act, name } = args;
    const json = args.json === true;
    if (!(ACTS as readonly string[]).includes(act))
      throw new UsageError(`"tutti connections" can ${ACTS.join(", ")}, not "${act}".${didYouMean(act, ACTS)}`);
    if (act === "list") return list(context, json);
    if (act === "set") {
      const tags = tagsFrom(context.all("tag")) ?? null;
      await setKept("connection", { name, tags, description: args.description }, context);
    } else await removeKept("connection", name, context);
    if (json) context.out.json({ name, done: act });
    else context.out.line(`Connection "${name}": ${act === "set" ? "kept" : "removed"}.`);
    return STATUS.succeeded;
  },
});

interface Listed {
  readonly name: string;
  readonly shown: string;
  readonly from: "environment" | "configuration" | "store";
  /** `null`: the store does not keep it. */
  readonly kept: SecretRecord | null;
}

/** What a server is configured with it does not say: there, those that are kept. */
async function list(context: CommandContext, json: boolean): Promise<number> {
  const { out } = context;
  const config = await configOf(context);
  const kept = await listKept("connection", config);
  const all = [...configured(config), ...kept.map(ofStore)].toSorted((a, b) => (a.name < b.name ? -1 : 1));
  if (json)
    out.json(
      all.map(({ name, shown, from, kept: record }) => ({ name, shown, from, kept: record && keptDocument(record) })),
    );
  else if (all.length === 0) out.line("No connections. To keep one: tutti connections set <name>");
  else
    printTable(out, all, [
      { head: "connection", cell: ({ name }) => out.style("bold", name) },
      { head: "where", cell: ({ shown }) => shown },
      { head: "from", cell: ({ from }) => from },
      { head: "workflows", cell: ({ kept: record }) => (record === null ? "all" : tagsText(record)) },
      { head: "set", cell: ({ kept: record }) => timeText(record?.updatedAt ?? null) },
      { head: "by", cell: ({ kept: record }) => record?.updatedBy ?? "" },
    ]);
  return STATUS.succeeded;
}

const configured = ({ connections: urls }: AnyConfig): readonly Listed[] =>
  Object.entries(urls).map(([name, url]) => ({
    name,
    shown: maskUrl(url),
    from: process.env[connectionVariable(name)] === undefined ? "configuration" : "environment",
    kept: null,
  }));

const ofStore = (kept: SecretRecord): Listed => ({ name: kept.name, shown: kept.shown ?? "", from: "store", kept });
