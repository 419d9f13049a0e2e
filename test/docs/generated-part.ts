import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "vitest";
import { readPage, ROOT } from "./page.ts";

/** What stands between `<!-- generated: name -->` and `<!-- end -->`. With `UPDATE_DOCS=1` it is written instead of checked. */
export function expectGenerated(page: string, name: string, wanted: string): void {
  const part = new RegExp(`(<!-- generated: ${name} -->\\n)(.*?)(\\n?<!-- end -->)`, "s");
  const text = readPage(page);
  const found = part.exec(text)?.[2];
  if (found === undefined) throw new Error(`"${page}" has no <!-- generated: ${name} --> … <!-- end -->.`);
  if (process.env["UPDATE_DOCS"] === "1")
    writeFileSync(
      join(ROOT, page),
      text.replace(part, (_, begin: string) => `${begin}${wanted}\n<!-- end -->`),
    );
  else expect(found, `Bring "${page}" up to date: UPDATE_DOCS=1 npx vitest run test/docs`).toBe(wanted);
}

export const markdownTable = (head: readonly string[], rows: readonly (readonly string[])[]): string =>
  [head, head.map(() => "---"), ...rows].map((cells) => `| ${cells.join(" | ")} |`).join("\n");
