import { posix } from "node:path";
import { navigation } from "./pages.ts";

const NAV = navigation();
const ORDER = NAV.flatMap(({ links }) => links);

/** A page of the site around what its Markdown came to. */
export function layout(content: string, address: string): string {
  const base = posix.relative(posix.dirname(address), ".") || ".";
  const to = (target: string): string => `${base}/${target}`;
  const title = textOf(/<h1[^>]*>(.*?)<\/h1>/s.exec(content)?.[1] ?? "Tutti");
  const parts = Array.from(content.matchAll(/<h2 id="([^"]+)"[^>]*>(.*?)<\/h2>/gs), ([, id, text]) => [
    id!,
    textOf(text!),
  ]);
  const place = ORDER.findIndex(([, each]) => each === address);
  const [before, after] = place === -1 ? [undefined, undefined] : [ORDER[place - 1], ORDER[place + 1]];
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escaped(title)}${title === "Tutti" ? "" : " – Tutti"}</title>
<link rel="icon" href="${to("favicon.svg")}">
<link rel="stylesheet" href="${to("tokens.css")}">
<link rel="stylesheet" href="${to("site.css")}">
<script src="${to("site.js")}" defer></script>
</head>
<body data-base="${base}">
<a class="skip" href="#content">To the text</a>
<header class="top">
<a class="brand" href="${to("index.html")}">${BRAND}</a>
<label class="find">Search <input type="search" id="find" autocomplete="off" placeholder="the documentation"></label>
<div id="found" role="status"></div>
</header>
<div class="page">
<nav class="contents" aria-label="Contents">
<details open><summary>Contents</summary>
${NAV.map(({ name, links }) => `<h2>${name}</h2><ul>${links.map(([text, each]) => `<li><a href="${to(each)}"${each === address ? ' aria-current="page"' : ""}>${escaped(text)}</a></li>`).join("")}</ul>`).join("\n")}
</details>
</nav>
<main id="content">
${content.replaceAll("<table>", '<div class="scroll" tabindex="0" role="group" aria-label="table"><table>').replaceAll("</table>", "</table></div>").replaceAll("<pre", '<pre tabindex="0"')}
<p class="way">${before === undefined ? "" : `<a href="${to(before[1])}">← ${escaped(before[0])}</a>`}${after === undefined ? "" : `<a class="on" href="${to(after[1])}">${escaped(after[0])} →</a>`}</p>
</main>
${parts.length < 2 ? "<aside></aside>" : `<aside aria-label="On this page"><h2>On this page</h2><ul>${parts.map(([id, text]) => `<li><a href="#${id}">${escaped(text!)}</a></li>`).join("")}</ul></aside>`}
</div>
</body>
</html>
`;
}

const BRAND = `<svg width="60" height="26" viewBox="0 0 60 26" fill="none" stroke="currentColor" stroke-width="2.3" role="img" aria-label="tutti"><path d="M0 9.5h60"/><path d="M6 3.5v14.2c0 2.6 1.4 3.6 4.2 3.1M17 9.5v7.4c0 2.6 1.6 4.1 4.1 4.1s5-1.7 5-4.6V9.5M26.1 9.5V22M36 3.5v14.2c0 2.6 1.4 3.6 4.2 3.1M46 3.5v14.2c0 2.6 1.4 3.6 4.2 3.1M56.6 9.5V22"/><path d="M56.6 2.6v3"/></svg>`;

/** Of HTML, its text. */
const textOf = (html: string): string =>
  html
    .replaceAll(/<[^>]+>/g, "")
    .replaceAll("&lt;", "<")
    .replaceAll("&gt;", ">")
    .replaceAll("&quot;", '"')
    .replaceAll("&amp;", "&");

const escaped = (text: string): string =>
  text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");
