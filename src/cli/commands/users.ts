import { readFileSync } from "node:fs";
import { password as askPassword, isCancel } from "@clack/prompts";
import { didYouMean } from "../../authoring/nearest.ts";
import { TuttiError } from "../../core/errors.ts";
import { type Role, ROLES } from "../../core/role.ts";
import type { AccessDesk, UserFacts } from "../../owner/access/access-desk.ts";
import { openAccessDesk } from "../../owner/open-work.ts";
import { asUser } from "../as-user.ts";
import { type CommandContext, defineCommand, JSON_ARG } from "../command.ts";
import { STATUS } from "../exit-status.ts";
import { printTable } from "../output/table.ts";
import { isoText, timeText } from "../output/time-text.ts";
import { configOf } from "../config-of.ts";
import { viewing } from "../reading.ts";
import { UsageError } from "../usage-error.ts";

const ACTS = ["list", "add", "change", "remove"] as const;
const NAME = /^[a-z0-9][a-z0-9._@+-]{0,99}$/;
const SHORTEST = 10;

export const users = defineCommand({
  name: "users",
  description: "Who may sign in to the server, and what each may do",
  args: {
    act: { type: "positional", description: ACTS.join(", "), required: false, default: "list" },
    name: { type: "positional", description: "Of the user", required: false },
    role: { type: "string", description: `${ROLES.join(", ")} (default of a new user: viewer)`, valueHint: "role" },
    tag: {
      type: "string",
      description: "Only workflows with this tag; may stand several times. --tag all: every workflow",
      valueHint: "tag",
    },
    password: { type: "boolean", description: "Asks for a new password; from a pipe, it is read from there" },
    disable: { type: "boolean", description: "May not sign in any more" },
    enable: { type: "boolean", description: "May sign in again" },
    json: JSON_ARG,
  },
  repeatable: ["tag"],
  examples: [
    ["tutti users add ada --role admin --password", "the first one, who lets in the others"],
    ["tutti users change bob --role operator --tag finance", "only workflows with that tag"],
    ["tutti users", "who there is"],
  ],
  async run(args, context) {
    const { act, name, json } = args;
    if (!(ACTS as readonly string[]).includes(act))
      throw new UsageError(`"tutti users" can ${ACTS.join(", ")}, not "${act}".${didYouMean(act, ACTS)}`);
    if (act === "list") return list(context, json === true);
    if (name === undefined || !NAME.test(name))
      throw new UsageError(
        `"tutti users ${act}" needs a name: letters a to z, digits and . _ @ + -, at most 100, as in: tutti users ${act} ada`,
      );
    const [role, tags] = [roleFrom(args.role), tagsFrom(context.all("tag"))];
    const password = args.password === true ? await newPassword() : undefined;
    const disabled = args.disable === true ? true : args.enable === true ? false : undefined;
    const facts: UserFacts = {
      ...(role !== undefined && { role }),
      ...(tags !== undefined && { tags }),
      ...(password !== undefined && { password }),
      ...(disabled !== undefined && { disabled }),
    };
    await changed(context, act as Exclude<(typeof ACTS)[number], "list">, name, facts);
    if (json === true) context.out.json({ name, done: act });
    else context.out.line(`User "${name}": ${act === "add" ? "added" : act === "remove" ? "removed" : "changed"}.`);
    return STATUS.succeeded;
  },
});

async function changed(
  context: CommandContext,
  act: Exclude<(typeof ACTS)[number], "list">,
  name: string,
  facts: UserFacts,
): Promise<void> {
  const config = await configOf(context);
  const desk: AccessDesk = await openAccessDesk({ ...asUser(context.typed, context.out), config });
  try {
    const done = await (act === "add"
      ? desk.addUser(name, facts)
      : act === "change"
        ? desk.changeUser(name, facts)
        : desk.removeUser(name));
    if (done) return;
  } finally {
    await desk.close();
  }
  throw act === "add"
    ? new TuttiError("USER_EXISTS", `There is a user "${name}" already. To change it: tutti users change ${name}`)
    : new TuttiError("USER_NOT_FOUND", `There is no user "${name}". To see them all: tutti users`);
}

async function list(context: CommandContext, json: boolean): Promise<number> {
  const { out } = context;
  const found = await viewing(await configOf(context), ({ access }) => access.users());
  if (json) out.json(found.map(({ createdAt, ...user }) => ({ ...user, createdAt: isoText(createdAt) })));
  else if (found.length === 0)
    out.line(
      "No users. On this machine the address that tutti start prints is enough. To add one: tutti users add <name>",
    );
  else
    printTable(out, found, [
      { head: "user", cell: ({ name }) => out.style("bold", name) },
      { head: "role", cell: ({ role }) => role },
      { head: "workflows", cell: ({ tags }) => (tags === null ? "all" : `with tag ${tags.join(" or ")}`) },
      {
        head: "signs in",
        cell: ({ disabled, hasPassword }) => (disabled ? "no: disabled" : hasPassword ? "yes" : "no password"),
      },
      { head: "since", cell: ({ createdAt }) => timeText(createdAt) },
    ]);
  return STATUS.succeeded;
}

export function roleFrom(text: string | undefined): Role | undefined {
  if (text === undefined) return undefined;
  if ((ROLES as readonly string[]).includes(text)) return text as Role;
  throw new UsageError(
    `"${text}" is no role.${didYouMean(text, ROLES)} There are: ${ROLES.join(", ")}.`,
    "UNKNOWN_ROLE",
  );
}

export function tagsFrom(given: readonly string[]): readonly string[] | null | undefined {
  if (given.length === 0) return undefined;
  return given.includes("all") ? null : [...new Set(given)];
}

async function newPassword(): Promise<string> {
  const typed = process.stdin.isTTY ? await asked() : readFileSync(0, "utf8").replace(/\r?\n$/, "");
  if (typed.length < SHORTEST || typed.length > 1000)
    throw new UsageError(`A password has ${SHORTEST} to 1,000 characters.`, "BAD_PASSWORD");
  return typed;
}

async function asked(): Promise<string> {
  const typed = await askPassword({ message: "Password" });
  if (isCancel(typed)) throw new UsageError("No password was given.", "BAD_PASSWORD");
  return typed;
}
