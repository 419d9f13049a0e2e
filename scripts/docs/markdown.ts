import { existsSync } from "node:fs";
import { dirname, join, normalize } from "node:path";
import { posix } from "node:path";
import { addressOf, ROOT } from "./pages.ts";

interface Token {
  readonly type: string;
  readonly content: string;
  readonly children: readonly Token[] | null;
  attrGet(name: string): string | null;
  attrSet(name: string, value: string): void;
}
interface State {
  readonly tokens: readonly Token[];
  readonly env: { readonly page: { readonly inputPath: string } };
}
/** What of the Markdown parser is used. */
export interface MarkdownIt {
  readonly core: { readonly ruler: { push(name: string, rule: (state: State) => void): void } };
}

/** Headings get the anchors that GitHub gives them, links lead to pages of the site. */
export function mendMarkdown(markdown: MarkdownIt): void {
  markdown.core.ruler.push("site", ({ tokens, env }) => {
    const file = sourceOf(env.page.inputPath);
    const taken = new Map<string, number>();
    tokens.forEach((token, at) => {
      if (token.type === "heading_open") {
        const anchor = anchorOf(tokens[at + 1]!.content);
        const times = taken.get(anchor) ?? 0;
        taken.set(anchor, times + 1);
        token.attrSet("id", times === 0 ? anchor : `${anchor}-${times}`);
      }
      for (const child of token.children ?? [])
        for (const name of ["href", "src"]) {
          const target = child.attrGet(name);
          if (target !== null) child.attrSet(name, siteTarget(target, file));
        }
    });
  });
}

const anchorOf = (heading: string): string =>
  heading
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N} _-]/gu, "")
    .replaceAll(" ", "-");

/** The file of the repository that a page is of. */
function sourceOf(inputPath: string): string {
  const path = normalize(inputPath).replace(/^docs\/repository\//, "");
  if (path === "examples.md") return "README.md";
  return existsSync(join(ROOT, path)) ? path : path.replace(/\.md$/, "");
}

function siteTarget(target: string, file: string): string {
  if (/^(https?:|mailto:|#)/.test(target)) return target;
  const [path = "", anchor] = target.split("#");
  const wanted = normalize(join(dirname(file), path));
  const here = dirname(addressOf(file));
  const to = wanted.startsWith("docs/images/")
    ? wanted.slice("docs/".length)
    : wanted.endsWith(".json")
      ? wanted.replace("docs/", "")
      : addressOf(wanted);
  return `${posix.relative(here, to)}${anchor === undefined ? "" : `#${anchor}`}`;
}
