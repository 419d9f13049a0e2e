import { chmodSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { newSecret } from "./secret.ts";

const PREFIX = "tutti_local_";

/**
 * What shows that somebody is this user on this machine: a file in the project's state folder that nobody else may read. Made when
 * it is not there; deleting the file ends its validity with the next start of the server.
 */
export function localToken(stateDir: string): string {
  const file = localTokenFile(stateDir);
  const known = read(file);
  if (known !== null) return known;
  mkdirSync(stateDir, { recursive: true });
  const token = PREFIX + newSecret();
  try {
    writeFileSync(file, `${token}\n`, { mode: 0o600, flag: "wx" });
    return token;
  } catch (error) {
    // Another process of this project was quicker, or what is there is none of ours.
    const theirs = read(file);
    if (theirs !== null) return theirs;
    if ((error as { code?: string }).code !== "EEXIST") throw error;
    writeFileSync(file, `${token}\n`, { mode: 0o600 });
    return token;
  }
}

export const localTokenFile = (stateDir: string): string => join(stateDir, "token");

function read(file: string): string | null {
  try {
    const token = readFileSync(file, "utf8").trim();
    if (!token.startsWith(PREFIX) || token.length < PREFIX.length + 40) return null;
    if (process.platform !== "win32") chmodSync(file, 0o600);
    return token;
  } catch {
    return null;
  }
}
