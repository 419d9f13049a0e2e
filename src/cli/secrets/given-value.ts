import { readFileSync } from "node:fs";
import { isCancel, password } from "@clack/prompts";
import { UsageError } from "../usage-error.ts";

/** What is to be kept: typed unseen, or from a pipe; never from the command line, which other users of the machine can read. */
export async function givenValue(what: string): Promise<string> {
  if (!process.stdin.isTTY) return readFileSync(0, "utf8").replace(/\r?\n$/, "");
  const typed = await password({ message: what });
  if (isCancel(typed)) throw new UsageError("Nothing was given, so nothing was kept.");
  return typed;
}
