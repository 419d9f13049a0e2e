import type { ArgsDef } from "citty";
import { parseArgs } from "node:util";
import { didYouMean } from "../authoring/nearest.ts";
import { UsageError } from "./usage-error.ts";

/**
 * Refuses what a command does not know, which citty passes over: unknown options, options without their value, too many
 * words. Answers with all values of each option.
 *
 * @throws UsageError
 */
export function checkArgs(
  command: string,
  rawArgs: readonly string[],
  args: ArgsDef,
  repeatable: readonly string[],
): (option: string) => readonly string[] {
  const named = Object.entries(args).filter(([, arg]) => arg.type !== "positional");
  const options = Object.fromEntries(
    named.map(([name, arg]) => [name, { type: optionType(arg.type), multiple: true as const, ...short(arg) }]),
  );
  const { tokens, values } = parseArgs({
    args: [...rawArgs],
    options,
    strict: false,
    tokens: true,
    allowPositionals: true,
  });
  const seen = new Set<string>();
  for (const token of tokens) {
    if (token.kind !== "option") continue;
    const option = options[token.name];
    if (option === undefined)
      throw new UsageError(
        `"tutti ${command}" has no option "${token.rawName}".${didYouMean(
          token.rawName,
          named.map(([name]) => `--${name}`),
        )} Run: tutti ${command} --help`,
      );
    if (option.type === "string" && token.value === undefined)
      throw new UsageError(`"${token.rawName}" needs a value, as in ${token.rawName} ${hintOf(args, token.name)}.`);
    if (option.type === "boolean" && token.value !== undefined)
      throw new UsageError(`"${token.rawName}" takes no value.`);
    if (seen.has(token.name) && option.type === "string" && !repeatable.includes(token.name))
      throw new UsageError(`"${token.rawName}" is given twice.`);
    seen.add(token.name);
  }
  checkWords(
    command,
    tokens.flatMap((token) => (token.kind === "positional" ? [token.value] : [])),
    args,
  );
  return (name) => (values[name] as string[] | undefined) ?? [];
}

const optionType = (type: string | undefined): "string" | "boolean" => (type === "boolean" ? "boolean" : "string");

function short(arg: ArgsDef[string]): { short?: string } {
  const alias = "alias" in arg ? [arg.alias].flat().find((name) => name?.length === 1) : undefined;
  return alias === undefined ? {} : { short: alias };
}

const hintOf = (args: ArgsDef, name: string): string => `<${args[name]?.valueHint ?? name}>`;

function checkWords(command: string, words: readonly string[], args: ArgsDef): void {
  const wanted = Object.entries(args).filter(([, arg]) => arg.type === "positional");
  const missing = wanted.slice(words.length).find(([, arg]) => arg.required !== false && arg.default === undefined);
  if (missing !== undefined)
    throw new UsageError(
      `"tutti ${command}" needs a <${missing[0]}>: ${missing[1].description ?? ""}. Run: tutti ${command} --help`,
    );
  const extra = words[wanted.length];
  if (extra !== undefined)
    throw new UsageError(`"tutti ${command}" does not know what to do with "${extra}". Run: tutti ${command} --help`);
}
