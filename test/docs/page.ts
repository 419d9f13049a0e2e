import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";

export const ROOT = join(import.meta.dirname, "..", "..");

/** Everything that is written for people, relative to the repository. */
export const PAGES: readonly string[] = [
  "README.md",
  "ARCHITECTURE.md",
  "CONTRIBUTING.md",
  "CHANGELOG.md",
  ...globSync("{docs,decisions}/**/*.md", { cwd: ROOT }).toSorted(),
];

/** Those of them whose code must compile. */
export const USER_PAGES = PAGES.filter((page) => page === "README.md" || page.startsWith("docs/"));

export const readPage = (page: string): string => readFileSync(join(ROOT, page), "utf8");

export interface CodeBlock {
  readonly language: string;
  readonly text: string;
  /** 1-based, of its first line of code. */
  readonly line: number;
}

/** Fenced blocks, and comments that begin with `ts`: what the blocks of a page stand on and nobody wants to read. */
export function codeBlocks(text: string): CodeBlock[] {
  const found = text.matchAll(/^(?:```(\w*)\n(.*?)^```$|<!-- (ts)\n(.*?)^-->$)/gms);
  return [...found].map((match) => ({
    language: match[1] ?? match[3] ?? "",
    text: match[2] ?? match[4] ?? "",
    line: text.slice(0, match.index).split("\n").length + 1,
  }));
}

/** The page without its code. */
export const proseOf = (text: string): string => text.replaceAll(/^```.*?^```$/gms, "").replaceAll(/`[^`\n]*`/g, "");

/** As GitHub makes them of headings. */
export const anchorsOf = (text: string): string[] =>
  [...text.replaceAll(/^```.*?^```$/gms, "").matchAll(/^#+ (.*)$/gm)].map(([, heading = ""]) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N} _-]/gu, "")
      .replaceAll(" ", "-"),
  );

/** The rows of the table under `<!-- table: name -->`, as their cells. */
export function tableOf(page: string, name: string): string[][] {
  const [, after] = readPage(page).split(`<!-- table: ${name} -->\n`);
  if (after === undefined) throw new Error(`"${page}" has no <!-- table: ${name} -->.`);
  const lines = /^(?:\s*\n)?((?:\|.*\n?)+)/.exec(after)?.[1]?.trimEnd().split("\n") ?? [];
  return lines.slice(2).map(cells);
}

const cells = (row: string): string[] =>
  row
    .slice(1, -1)
    .split(/(?<!\\)\|/)
    .map((cell) => cell.trim());
