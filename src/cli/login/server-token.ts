import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { findProject } from "../../loader/config-file.ts";
import { UsageError } from "../usage-error.ts";
import { knownToken } from "./known-servers.ts";

const LOOPBACK = /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/;

/** A server as it is known: scheme, host and port. @throws UsageError */
export function serverAddress(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url === null || !["http:", "https:"].includes(url.protocol) || url.username !== "" || url.password !== "")
    throw new UsageError(`"${text}" is no address of a server. Write it like https://tutti.example.com`);
  return url.origin;
}

/** What shows a server who asks: TUTTI_TOKEN, what `tutti login` has kept, or on this machine the token of the project. `null`: nothing. */
export async function serverToken(server: string, cwd: string): Promise<string | null> {
  const given = process.env["TUTTI_TOKEN"];
  if (given !== undefined && given !== "") return given;
  const known = await knownToken(server);
  if (known !== null || !LOOPBACK.test(new URL(server).hostname)) return known;
  const { root } = findProject(cwd);
  return readFile(join(root, ".tutti", "token"), "utf8").then(
    (text) => text.trim() || null,
    () => null,
  );
}
