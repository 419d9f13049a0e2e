/**
 * `npm run docs:build [-- folder]`: the documentation as a static site, in `.tmp/site` if nothing is said. Links are relative, so that it can be put anywhere.
 * Nothing is fetched. A link that leads nowhere is an error.
 */
import { cpSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { Eleventy } from "@11ty/eleventy";
import syntaxHighlight from "@11ty/eleventy-plugin-syntaxhighlight";
import { layout } from "./docs/layout.ts";
import { mendMarkdown } from "./docs/markdown.ts";
import { addressOf, CODE, codePage, EXAMPLES, examplesPage, FILES, OTHER_PAGES, ROOT, textOf } from "./docs/pages.ts";
import { searchIndex } from "./docs/search-index.ts";
import { brokenLinks } from "./docs/site-links.ts";

const out = resolve(process.argv[2] ?? join(ROOT, ".tmp", "site"));
process.chdir(ROOT);
rmSync(out, { recursive: true, force: true });
mkdirSync(out, { recursive: true });

const site = new Eleventy("docs", out, {
  quietMode: true,
  configPath: false,
  config(eleventy) {
    eleventy.setTemplateFormats(["md"]);
    eleventy.addPlugin(syntaxHighlight);
    // Pages are Markdown alone: braces in them are text.
    eleventy.addGlobalData("templateEngineOverride", "md");
    eleventy.addGlobalData(
      "permalink",
      () =>
        ({ page }) =>
          addressOf(page.inputPath.replace(/^\.\//, "")),
    );
    eleventy.amendLibrary("md", mendMarkdown);
    for (const page of OTHER_PAGES)
      eleventy.addTemplate(`repository/${page}`, textOf(page), { permalink: addressOf(page) });
    for (const file of CODE)
      eleventy.addTemplate(`repository/${file}.md`, codePage(file), { permalink: addressOf(file) });
    eleventy.addTemplate("repository/examples.md", examplesPage(), { permalink: addressOf(EXAMPLES) });
    eleventy.addTransform("layout", function (content) {
      return layout(content, this.page.url.replace(/^\//, "") || "index.html");
    });
  },
});
await site.write();
for (const [file, to] of FILES) cpSync(join(ROOT, file), join(out, to), { recursive: true });
writeFileSync(join(out, "search.json"), JSON.stringify(searchIndex(out)));

const broken = brokenLinks(out);
for (const link of broken) console.error(`broken: ${link}`);
console.log(broken.length === 0 ? `The documentation is in ${out}` : `${broken.length} links lead nowhere.`);
process.exitCode = broken.length === 0 ? 0 : 1;
