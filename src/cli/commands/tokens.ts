import { didYouMean } from "../../authoring/nearest.ts";
import { addMs, systemClock } from "../../core/clock.ts";
import { parseDuration } from "../../core/duration.ts";
import { TuttiError } from "../../core/errors.ts";
import type { AccessDesk } from "../../owner/access/access-desk.ts";
import { openAccessDesk } from "../../owner/open-work.ts";
import { asUser } from "../as-user.ts";
import { type CommandContext, defineCommand, JSON_ARG } from "../command.ts";
import { STATUS } from "../exit-status.ts";
import { printTable } from "../output/table.ts";
import { isoText, timeText } from "../output/time-text.ts";
import { configOf } from "../config-of.ts";
import { viewing } from "../reading.ts";
import { UsageError } from "../usage-error.ts";
import { roleFrom, tagsFrom } from "./users.ts";

const ACTS = ["list", "add", "revoke"] as const;

export const tokens = defineCommand({
  name: "tokens",
  description: "Tokens with which programs use the server's API",
  args: {
    act: { type: "positional", description: ACTS.join(", "), required: false, default: "list" },
    name: { type: "positional", description: "What it is for; of revoke: its number", required: false },
    role: { type: "string", description: "What it may do (default: viewer)", valueHint: "role" },
    tag: { type: "string", description: "Only workflows with this tag; may stand several times", valueHint: "tag" },
    user: {
      type: "string",
      description: "Whose it is: it may no more than he does (default: nobody's)",
      valueHint: "name",
    },
    expires: { type: "string", description: "How long it counts (default: 90d); forever", valueHint: "duration" },
    json: JSON_ARG,
  },
  repeatable: ["tag"],
  examples: [
    ["tutti tokens add ci --role operator --expires 30d", "it is shown this once"],
    ["tutti tokens revoke 3", "from now on it counts no more"],
  ],
  async run(args, context) {
    const { act, name, json } = args;
    if (!(ACTS as readonly string[]).includes(act))
      throw new UsageError(`"tutti tokens" can ${ACTS.join(", ")}, not "${act}".${didYouMean(act, ACTS)}`);
    if (act === "list") return list(context, json === true);
    if (name === undefined) throw new UsageError(`"tutti tokens ${act}" needs a ${act === "add" ? "name" : "number"}.`);
    if (act === "revoke") return revoke(name, context, json === true);
    const role = roleFrom(args.role) ?? "viewer";
    const tags = tagsFrom(context.all("tag")) ?? null;
    const expiresAt =
      args.expires === "forever" ? null : addMs(systemClock.now(), parseDuration(args.expires ?? "90d"));
    const user = args.user ?? null;
    const made = await atDesk(context, (desk) => desk.addToken({ name, role, tags, user, expiresAt }));
    if (made === null)
      throw new TuttiError("USER_NOT_FOUND", `There is no user "${user}". To see them all: tutti users`);
    const { id, secret } = made;
    if (json === true) context.out.json({ id, name, role, tags, user, expiresAt: isoText(expiresAt), secret });
    else {
      context.out.line(secret);
      context.out.note(
        `Token ${id} "${name}" (${role})${expiresAt === null ? "" : ` until ${timeText(expiresAt)}`}. It is not shown again. Use it as: authorization: Bearer <token>`,
      );
    }
    return STATUS.succeeded;
  },
});

async function revoke(text: string, context: CommandContext, json: boolean): Promise<number> {
  const id = Number(text);
  if (!Number.isSafeInteger(id) || id < 1) throw new UsageError(`"${text}" is no number of a token. See: tutti tokens`);
  const applied = await atDesk(context, (desk) => desk.revokeToken(id));
  if (!applied) throw new TuttiError("TOKEN_NOT_FOUND", `There is no token ${id} that still counts. See: tutti tokens`);
  if (json) context.out.json({ id, revoked: true });
  else context.out.line(`Token ${id} counts no more.`);
  return STATUS.succeeded;
}

async function atDesk<T>(context: CommandContext, work: (desk: AccessDesk) => Promise<T>): Promise<T> {
  const desk = await openAccessDesk({ ...asUser(context.typed, context.out), config: await configOf(context) });
  try {
    return await work(desk);
  } finally {
    await desk.close();
  }
}

async function list(context: CommandContext, json: boolean): Promise<number> {
  const { out } = context;
  const found = await viewing(await configOf(context), ({ access }) => access.tokens());
  const now = systemClock.now();
  if (json)
    out.json(
      found.map(({ createdAt, expiresAt, lastUsedAt, revokedAt, ...token }) => ({
        ...token,
        createdAt: isoText(createdAt),
        expiresAt: isoText(expiresAt),
        lastUsedAt: isoText(lastUsedAt),
        revokedAt: isoText(revokedAt),
      })),
    );
  else if (found.length === 0) out.line("No tokens. To make one: tutti tokens add <name>");
  else
    printTable(out, found, [
      { head: "token", cell: ({ id }) => String(id), align: "right" },
      { head: "name", cell: ({ name }) => out.style("bold", name) },
      { head: "role", cell: ({ role }) => role },
      { head: "workflows", cell: ({ tags }) => (tags === null ? "all" : `with tag ${tags.join(" or ")}`) },
      { head: "user", cell: ({ user }) => user ?? "" },
      {
        head: "counts",
        cell: ({ revokedAt, expiresAt }) =>
          revokedAt !== null
            ? "revoked"
            : expiresAt === null
              ? "for ever"
              : expiresAt <= now
                ? "expired"
                : `until ${timeText(expiresAt)}`,
      },
      { head: "last used", cell: ({ lastUsedAt }) => timeText(lastUsedAt) },
    ]);
  return STATUS.succeeded;
}
