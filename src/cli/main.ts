import { parseArgs } from "citty";
import { didYouMean } from "../authoring/nearest.ts";
import { useRRuleLibrary } from "../authoring/schedule-rrule.ts";
import { COMMANDS } from "./command-list.ts";
import type { Command } from "./command.ts";
import { serverOf } from "./server-of.ts";
import { STATUS, statusOf } from "./exit-status.ts";
import { terminalOutput as out } from "./output/output.ts";
import { printError } from "./print-error.ts";
import { checkArgs } from "./strict-args.ts";
import { UsageError } from "./usage-error.ts";

// Whoever reads our output may stop reading (`tutti runs | head -1`); the work goes on.
for (const stream of [process.stdout, process.stderr]) stream.on("error", () => {});

useRRuleLibrary();
const typed = process.argv.slice(2);
// What nobody waited for is a mistake of ours, and still one clear message.
process.on("uncaughtException", (error) => void fail(error).then((code) => process.exit(code)));
const status = await main(typed).catch(fail);
await out.flush();
// Idle helpers (esbuild, warm children that are on their way out) must not hold up the shell.
process.exit(status);

async function fail(error: unknown): Promise<number> {
  printError(error, out, typed.includes("--json"));
  await out.flush();
  return statusOf(error);
}

async function main([name, ...words]: readonly string[]): Promise<number> {
  if (name === undefined || name === "--help" || name === "-h" || (name === "help" && words.length === 0))
    return help();
  if (name === "--version" || name === "-v") return version();
  if (name === "help") return main([...words, "--help"]);
  const listed = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
  if (listed === undefined)
    throw new UsageError(
      `There is no command "${name}".${didYouMean(name, Object.keys(COMMANDS))} Run: tutti --help`,
      "UNKNOWN_COMMAND",
    );
  const { server, rest } = await serverOf(name, listed, words);
  const command = (await listed.load()) as Command;
  if (rest.includes("--help") || rest.includes("-h")) return help(command);
  const all = checkArgs(name, rest, command.args, command.repeatable ?? []);
  return command.run(parseArgs([...rest], command.args), {
    out,
    cwd: process.cwd(),
    server,
    typed: ["tutti", name, ...words].join(" "),
    all,
  });
}

async function help(command?: Command): Promise<number> {
  const { mainHelp, commandHelp } = await import("./help.ts");
  out.line(command === undefined ? await mainHelp() : await commandHelp(command));
  return command === undefined && typed.length === 0 ? STATUS.usage : STATUS.succeeded;
}

async function version(): Promise<number> {
  const { tuttiVersion } = await import("../loader/tutti-release.ts");
  out.line(tuttiVersion());
  return STATUS.succeeded;
}
