import { didYouMean } from "../../authoring/nearest.ts";
import { loadConfig } from "../../loader/config.ts";
import { auditEntry } from "../../owner/audited-session.ts";
import { addKeyToFile, dropOldKeys, readKeyRing, requireKeyRing } from "../../owner/secrets/key-ring.ts";
import { rotateSecrets } from "../../owner/secrets/rotate-secrets.ts";
import { configOf } from "../config-of.ts";
import { type CommandContext, defineCommand, JSON_ARG } from "../command.ts";
import { STATUS } from "../exit-status.ts";
import { plural } from "../output/counts-text.ts";
import { printTable } from "../output/table.ts";
import { timeText } from "../output/time-text.ts";
import { reading } from "../reading.ts";
import { changing, keptDocument, listKept, removeKept, setKept, tagsText } from "../secrets/kept.ts";
import { UsageError } from "../usage-error.ts";
import { tagsFrom } from "./users.ts";

const ACTS = ["list", "set", "rm", "rotate", "key"] as const;

export const secrets = defineCommand({
  name: "secrets",
  description: "Keep what ctx.secret gives to tasks, encrypted; their values are never shown again",
  args: {
    act: { type: "positional", description: ACTS.join(", "), required: false, default: "list" },
    name: { type: "positional", description: "Of the secret", required: false },
    tag: { type: "string", description: "Only for workflows with this tag; may stand several times", valueHint: "tag" },
    description: { type: "string", description: "What it is for", valueHint: "text" },
    json: JSON_ARG,
  },
  repeatable: ["tag"],
  examples: [
    ["tutti secrets set api-key", "asks for the value; from a pipe, reads it"],
    ["tutti secrets set api-key --tag finance < key.txt", "only workflows with that tag get it"],
    ["tutti secrets key", "makes a key where there is none"],
    ["tutti secrets rotate", "puts everything that is kept under a new key"],
  ],
  async run(args, context) {
    const { act, name } = args;
    const json = args.json === true;
    if (!(ACTS as readonly string[]).includes(act))
      throw new UsageError(`"tutti secrets" can ${ACTS.join(", ")}, not "${act}".${didYouMean(act, ACTS)}`);
    if (act === "list") return list(context, json);
    // The key stays where the store is.
    if (context.server !== null && (act === "rotate" || act === "key"))
      throw new UsageError(`"tutti secrets ${act}" works where the key is. Leave --server out.`, "NOT_OVER_HTTP");
    if (act === "rotate") return rotate(context, json);
    if (act === "key") return makeKey(context, json);
    if (act === "set")
      await setKept(
        "secret",
        { name, tags: tagsFrom(context.all("tag")) ?? null, description: args.description },
        context,
      );
    else await removeKept("secret", name, context);
    if (json) context.out.json({ name, done: act });
    else context.out.line(`Secret "${name}": ${act === "set" ? "kept" : "removed"}.`);
    return STATUS.succeeded;
  },
});

async function list(context: CommandContext, json: boolean): Promise<number> {
  const { out } = context;
  const found = await listKept("secret", await configOf(context));
  if (json) out.json(found.map(keptDocument));
  else if (found.length === 0) out.line("The store keeps no secrets. To keep one: tutti secrets set <name>");
  else
    printTable(out, found, [
      { head: "secret", cell: ({ name }) => out.style("bold", name) },
      { head: "workflows", cell: tagsText },
      { head: "set", cell: ({ updatedAt }) => timeText(updatedAt) },
      { head: "by", cell: ({ updatedBy }) => updatedBy },
      { head: "key", cell: ({ keyId }) => keyId },
      { head: "for", cell: ({ description }) => description ?? "" },
    ]);
  return STATUS.succeeded;
}

async function makeKey({ cwd, out }: CommandContext, json: boolean): Promise<number> {
  const config = await loadConfig({ cwd });
  const known = readKeyRing(config);
  const id = known?.keys[0]!.id ?? addKeyToFile(config.encryptionKeyFile).id;
  const from = known?.from ?? config.encryptionKeyFile;
  if (json) out.json({ keyId: id, from, made: known === null });
  else
    out.line(
      known === null
        ? `Key ${id} is in ${from}. Give it to schedulers and servers: TUTTI_ENCRYPTION_KEY_FILE, or its text as TUTTI_ENCRYPTION_KEY.`
        : `There is a key already, ${id}, from ${from}. For a new one: tutti secrets rotate`,
    );
  return STATUS.succeeded;
}

/** A key file gets a new key by itself; a key from the environment is given by whoever keeps that, the new one first. */
async function rotate(context: CommandContext, json: boolean): Promise<number> {
  const { cwd, out } = context;
  const config = await loadConfig({ cwd });
  const before = requireKeyRing(config);
  if (before.file !== null) addKeyToFile(before.file);
  const ring = requireKeyRing(config);
  const rotated = await changing(context, config, (session, actor) =>
    reading(config, (reader) =>
      rotateSecrets(reader.secrets, ring, async (change) => {
        const audit = auditEntry(actor, `${change.of}.rotate`, change.name, null, { keyId: change.keyId });
        return (await session.administer(change, audit)).applied;
      }),
    ),
  );
  if (before.file !== null) dropOldKeys(before.file);
  const { id } = ring.keys[0]!;
  const count = rotated.rewrapped.length;
  if (json) out.json({ keyId: id, rewrapped: count, kept: rotated.kept });
  else if (count === 0 && before.file === null)
    out.line(
      `Everything is under key ${id} already. For a new key, give it first, the old one after a comma: TUTTI_ENCRYPTION_KEY="<new>,<old>", here and in every process, and run this again.`,
    );
  else out.line(`${plural(count, "value")} put under key ${id}.`);
  return STATUS.succeeded;
}
