import { type Listed } from "./command-list.ts";
import { UsageError } from "./usage-error.ts";

const OPTION = "--server";

/**
 * The server that a command is to ask: `--server URL`, which may stand anywhere among its words, or TUTTI_SERVER. `rest`: the other words.
 *
 * @throws UsageError
 */
export async function serverOf(
  name: string,
  { where }: Pick<Listed, "where">,
  words: readonly string[],
): Promise<{ readonly server: string | null; readonly rest: readonly string[] }> {
  const { given, rest } = taken(words);
  const variable = process.env["TUTTI_SERVER"] || null;
  // What is about this machine is the same whatever is asked from it.
  if (given === null && (variable === null || where === "machine")) return { server: null, rest };
  if (where !== "anywhere")
    throw new UsageError(
      `"tutti ${name}" works on this machine only. ${given === null ? "Unset TUTTI_SERVER for it." : `Leave ${OPTION} out.`}`,
      "NOT_OVER_HTTP",
    );
  const { serverAddress } = await import("./login/server-token.ts");
  return { server: serverAddress(given ?? variable!), rest };
}

function taken(words: readonly string[]): { readonly given: string | null; readonly rest: readonly string[] } {
  const at = words.findIndex((word) => word === OPTION || word.startsWith(`${OPTION}=`));
  if (at === -1) return { given: null, rest: words };
  const joined = words[at] !== OPTION;
  const given = joined ? words[at]!.slice(OPTION.length + 1) : words[at + 1];
  if (given === undefined || given === "")
    throw new UsageError(`"${OPTION}" needs a value, as in ${OPTION} https://tutti.example.com`);
  const rest = words.toSpliced(at, joined ? 1 : 2);
  if (rest.some((word) => word === OPTION || word.startsWith(`${OPTION}=`)))
    throw new UsageError(`"${OPTION}" is given twice.`);
  return { given, rest };
}
