import { useState } from "react";

export interface Equivalent {
  readonly cli?: string;
  readonly curl?: string;
  readonly ts?: string;
}

const NAMES = { cli: "CLI", curl: "curl", ts: "TypeScript" } as const;
type Way = keyof typeof NAMES;

/** The same, elsewhere: on the command line, over HTTP, in code. */
export function CommandStrip(equivalent: Equivalent) {
  const ways = (["cli", "curl", "ts"] as const).filter((way) => equivalent[way] !== undefined);
  const [chosen, setChosen] = useState<Way>("cli");
  const [copied, setCopied] = useState(false);
  const way = ways.includes(chosen) ? chosen : ways[0]!;
  const text = equivalent[way]!;
  const copy = (): void => {
    void navigator.clipboard?.writeText(text).then(() => {
      setCopied(true);
      setTimeout(() => setCopied(false), 1500);
    });
  };
  return (
    <div className="cmd" role="group" aria-label="The same elsewhere">
      <code tabIndex={0}>{text}</code>
      <span className="as">
        {ways.map((each) => (
          <button key={each} type="button" aria-pressed={each === way} onClick={() => setChosen(each)}>
            {NAMES[each]}
          </button>
        ))}
        <button type="button" onClick={copy}>
          {copied ? "copied" : "copy"}
        </button>
      </span>
    </div>
  );
}

const quoted = (text: string): string => (/^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`);

/** A command line of words. */
export const commandLine = (...words: readonly string[]): string => words.map(quoted).join(" ");

/** A request as curl makes it. */
export function curlText(method: "GET" | "POST", path: string, body?: unknown): string {
  const url = `${location.origin}${path}`;
  return [
    "curl",
    ...(method === "GET" ? [] : ["-X", method]),
    `-H "authorization: Bearer $TUTTI_TOKEN"`,
    ...(body === undefined ? [] : [`-H 'content-type: application/json'`, "-d", quoted(JSON.stringify(body))]),
    quoted(url),
  ].join(" ");
}
