import { readFileSync } from "node:fs";
import { hostname } from "node:os";
import { password as askPassword, isCancel } from "@clack/prompts";
import { TuttiClient } from "../../client/tutti-client.ts";
import { type CommandContext, defineCommand, JSON_ARG } from "../command.ts";
import { STATUS } from "../exit-status.ts";
import { keepToken } from "../login/known-servers.ts";
import { serverAddress } from "../login/server-token.ts";
import { tokenOfUser } from "../login/token-of-user.ts";
import { UsageError } from "../usage-error.ts";

const SERVER = { type: "positional", description: "Its address, as browsers reach it", required: false } as const;

export const login = defineCommand({
  name: "login",
  description: "Keep what shows a server who you are, for commands with --server",
  args: {
    server: SERVER,
    user: { type: "string", description: "Sign in under this name, and make a token", valueHint: "name" },
    json: JSON_ARG,
  },
  examples: [
    ["tutti login https://tutti.example.com", "asks for a token; from a pipe, it is read from there"],
    ["tutti login https://tutti.example.com --user ada", "asks for the password, and makes a token for 90 days"],
    ["tutti runs --server https://tutti.example.com", "every command that works there takes --server, or TUTTI_SERVER"],
  ],
  async run(args, context) {
    const server = wanted(args.server, context);
    const secret = await read(args.user === undefined ? "Token" : "Password");
    const token = args.user === undefined ? secret : await tokenOfUser(server, args.user, secret, hostname());
    const { actor, role } = await new TuttiClient({ url: server, token }).get("/api/session");
    await keepToken(server, token);
    if (args.json === true) context.out.json({ server, actor, role });
    else context.out.line(`On "${server}" you are ${actor} (${role}). To forget it here: tutti logout ${server}`);
    return STATUS.succeeded;
  },
});

export const logout = defineCommand({
  name: "logout",
  description: "Forget here what shows a server who you are",
  args: { server: SERVER, json: JSON_ARG },
  examples: [
    ["tutti logout https://tutti.example.com", "the token counts on until it is revoked: tutti tokens revoke"],
  ],
  async run(args, context) {
    const server = wanted(args.server, context);
    const known = await keepToken(server, null);
    if (args.json === true) context.out.json({ server, forgotten: known });
    else context.out.line(known ? `Forgotten: "${server}".` : `Nothing was kept for "${server}".`);
    return STATUS.succeeded;
  },
});

function wanted(given: string | undefined, { server }: CommandContext): string {
  if (given !== undefined) return serverAddress(given);
  if (server !== null) return server;
  throw new UsageError(`Say which server: tutti login https://tutti.example.com`);
}

async function read(what: string): Promise<string> {
  const text = process.stdin.isTTY ? await askPassword({ message: what }) : readFileSync(0, "utf8").trim();
  if (isCancel(text) || text === "") throw new UsageError(`No ${what.toLowerCase()} was given.`);
  return text;
}
