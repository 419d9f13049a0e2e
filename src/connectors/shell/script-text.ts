import { badCommand } from "./command-errors.ts";

/** What may stand in `${}` of a shell command: a list is several words. */
export type ShellValue = string | number | bigint | boolean | readonly (string | number | bigint | boolean)[];

export interface ScriptText {
  /** With a reference to a variable where a value stood. */
  readonly script: string;
  /** Those variables. */
  readonly env: Readonly<Record<string, string>>;
  /** For messages: with `…` for each value. */
  readonly shown: string;
}

const PREFIX = "TUTTI_VALUE_";

/**
 * A template as a script. A value never becomes text of the script: it stands in a variable, so that nothing in it has a meaning to the shell,
 * whatever quotes stand around it.
 *
 * @throws TuttiError `BAD_COMMAND` for a value that is none.
 */
export function scriptText(text: TemplateStringsArray, values: readonly ShellValue[]): ScriptText {
  if (!Array.isArray((text as { readonly raw?: unknown } | undefined)?.raw))
    throw badCommand("Write the command as a template literal: shell(ctx)`gzip -k ${file}`.");
  const env: Record<string, string> = {};
  let script = "";
  let shown = "";
  for (const [place, part] of text.entries()) {
    script += part;
    shown += place === 0 ? part : `\${…}${part}`;
    if (place >= values.length) break;
    const names = wordsOf(values[place], place).map((word) => {
      const name = `${PREFIX}${Object.keys(env).length + 1}`;
      env[name] = word;
      return name;
    });
    script += reference(names, openQuote(script));
  }
  return { script, env, shown: shown.trim().replaceAll(/\s+/g, " ") };
}

function wordsOf(value: unknown, place: number): string[] {
  const list: readonly unknown[] = Array.isArray(value) ? (value as readonly unknown[]) : [value];
  return list.map((word) => {
    if (!["string", "number", "bigint", "boolean"].includes(typeof word))
      throw badCommand(
        `Value ${place + 1} of the shell command is ${String(word)}: give a text, a number or a list of these.`,
      );
    const text = String(word);
    if (text.includes("\0")) throw badCommand(`Value ${place + 1} of the shell command holds a zero byte.`);
    return text;
  });
}

function reference(names: readonly string[], quote: "'" | '"' | null): string {
  if (quote === '"') return names.map((name) => `\${${name}}`).join(" ");
  const words = names.map((name) => `"\${${name}}"`).join(" ");
  return quote === "'" ? `'${words}'` : words;
}

/** The quote that is open at the end of a piece of script. Inside of `$(…)` in quotes it may be wrong, and then words are split there; nothing worse. */
function openQuote(script: string): "'" | '"' | null {
  let open: "'" | '"' | null = null;
  for (let at = 0; at < script.length; at++) {
    const character = script[at];
    if (character === "\\" && open !== "'") at++;
    else if (character === open) open = null;
    else if (open === null && (character === "'" || character === '"')) open = character;
  }
  return open;
}
