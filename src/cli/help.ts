import { renderUsage } from "citty";
import { stripVTControlCharacters, styleText } from "node:util";
import { tuttiVersion } from "../loader/tutti-release.ts";
import { COMMANDS } from "./command-list.ts";
import type { Command } from "./command.ts";

/** The help of the whole command line. */
export async function mainHelp(): Promise<string> {
  const subCommands = Object.fromEntries(
    Object.entries(COMMANDS).map(([name, { description }]) => [name, { meta: { name, description } }]),
  );
  const usage = await renderUsage({
    meta: { name: "tutti", version: tuttiVersion(), description: "The data orchestrator for TypeScript" },
    subCommands,
  });
  return plain(
    `${usage}\n\nEvery command takes --json; --server URL, or TUTTI_SERVER, asks the server of a store instead. Exit status: 0 succeeded, 1 failed, 2 wrong use, 130 stopped with Ctrl-C.\n`,
  );
}

export async function commandHelp({ name, description, args, examples }: Command): Promise<string> {
  const usage = await renderUsage(
    { meta: { name, description }, args },
    { meta: { name: "tutti", version: tuttiVersion() } },
  );
  const width = Math.max(0, ...examples.map(([typed]) => typed.length));
  const lines = examples.map(
    ([typed, does]) => `  ${styleText("cyan", typed.padEnd(width), { stream: process.stdout })}  ${does}`,
  );
  return plain(
    `${usage}\n${styleText(["bold", "underline"], "EXAMPLES", { stream: process.stdout })}\n\n${lines.join("\n")}\n`,
  );
}

/** citty colours whatever stdout is. */
const plain = (text: string): string =>
  styleText("bold", "", { stream: process.stdout }) === "" ? stripVTControlCharacters(text) : text;
