import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** A part of a page: where it is, its page's name, its own, and its words. */
type Entry = readonly [address: string, page: string, part: string, text: string];

const MOST_CHARS = 1_200;

/** What the page of the reader looks through: every part of every page but programs. */
export function searchIndex(folder: string): Entry[] {
  return globSync("**/*.html", { cwd: folder })
    .filter((file) => !file.startsWith("code/"))
    .toSorted()
    .flatMap((file) => partsOf(file, readFileSync(join(folder, file), "utf8")));
}

function partsOf(file: string, html: string): Entry[] {
  const [, main = ""] = /<main[^>]*>(.*)<p class="way">/s.exec(html) ?? [];
  const [first = "", ...others] = main.split(/(?=<h[23] id=")/);
  const page = textOf(/<h1[^>]*>(.*?)<\/h1>/s.exec(first)?.[1] ?? file);
  return [
    [file, page, "", textOf(first.replace(/<h1.*?<\/h1>/s, "")).slice(0, MOST_CHARS)],
    ...others.map((part): Entry => {
      const [head = "", id = "", name = ""] = /^<h[23] id="([^"]+)"[^>]*>(.*?)<\/h[23]>/s.exec(part) ?? [];
      return [`${file}#${id}`, page, textOf(name), textOf(part.slice(head.length)).slice(0, MOST_CHARS)];
    }),
  ];
}

const textOf = (html: string): string =>
  html
    .replaceAll(/<[^>]+>/g, " ")
    .replaceAll("&lt;", "<")
    .replaceAll("&gt;", ">")
    .replaceAll("&quot;", '"')
    .replaceAll("&amp;", "&")
    .replaceAll(/\s+/g, " ")
    .trim();
