import { existsSync } from "node:fs";
import { dirname, join, normalize } from "node:path";
import { expect, test } from "vitest";
import { anchorsOf, codeBlocks, PAGES, proseOf, readPage, ROOT, USER_PAGES } from "./page.ts";
import { COMMANDS } from "../../src/cli/command-list.ts";

test("links between pages lead somewhere", () => {
  const broken = PAGES.flatMap((page) =>
    [...proseOf(readPage(page)).matchAll(/\]\((?!https?:|mailto:)([^)\s]*)\)/g)]
      .map(([, link = ""]) => link)
      .filter((link) => !leadsSomewhere(page, link))
      .map((link) => `${page} -> ${link}`),
  );
  expect(broken).toEqual([]);
});

test("every page of docs/ can be reached from docs/README.md", () => {
  const index = readPage("docs/README.md");
  const missing = USER_PAGES.filter((page) => page.startsWith("docs/") && page !== "docs/README.md")
    .map((page) => page.slice("docs/".length))
    .filter((page) => !index.includes(`(${page})`));
  expect(missing).toEqual([]);
});

test("every command and option that a page shows is one", async () => {
  const wrong: string[] = [];
  for (const page of USER_PAGES) {
    for (const line of shellLines(readPage(page))) {
      for (const [, name = "", rest = ""] of line.matchAll(/\btutti ([a-z]+)((?: [^|&;#`]*)?)/g)) {
        const listed = COMMANDS[name];
        const args = listed ? ((await listed.load()) as { args: Record<string, unknown> }).args : null;
        const unknown = args && [...rest.matchAll(/--([a-z-]+)/g)].find(([, option = ""]) => !isOption(option, args));
        if (args === null || unknown) wrong.push(`${page}: ${line.trim()}`);
      }
    }
  }
  expect(wrong).toEqual([]);
});

function leadsSomewhere(page: string, link: string): boolean {
  const [path = "", anchor] = link.split("#");
  const target = path === "" ? page : normalize(join(dirname(page), path));
  if (!existsSync(join(ROOT, target))) return false;
  return anchor === undefined || anchorsOf(readPage(target)).includes(anchor);
}

/** Lines of shell blocks, and code in sentences that is a command. */
function shellLines(text: string): string[] {
  const blocks = codeBlocks(text).filter(({ language }) => language === "sh");
  const inline = [...text.replaceAll(/^```.*?^```$/gms, "").matchAll(/`((?:npx )?tutti [a-z][^`]*)`/g)].map(
    ([, code = ""]) => code,
  );
  return [...blocks.flatMap((block) => block.text.split("\n")), ...inline];
}

const isOption = (option: string, args: Record<string, unknown>): boolean => option === "help" || option in args;
