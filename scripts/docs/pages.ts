import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";

export const ROOT = join(import.meta.dirname, "..", "..");
export const textOf = (file: string): string => readFileSync(join(ROOT, file), "utf8");

/** Pages beside `docs/`. */
export const OTHER_PAGES: readonly string[] = [
  "README.md",
  "ARCHITECTURE.md",
  "CONTRIBUTING.md",
  "CHANGELOG.md",
  ...globSync("decisions/*.md", { cwd: ROOT }).toSorted(),
];

/** Programs that pages lead to; each is a page that shows it as it is. */
export const CODE: readonly string[] = globSync("examples/**/*.{ts,py}", {
  cwd: ROOT,
  exclude: (name) => /node_modules|\.tutti/.test(name),
}).toSorted();
export const EXAMPLES = "examples";

/** Sent as they are. */
export const FILES: readonly (readonly [from: string, to: string])[] = [
  ["docs/images", "images"],
  ["docs/operate/grafana-dashboard.json", "operate/grafana-dashboard.json"],
  ["LICENSE", "license.txt"],
  ["ui/src/styles/tokens.css", "tokens.css"],
  ["ui/public/favicon.svg", "favicon.svg"],
  ["scripts/docs/site.css", "site.css"],
  ["scripts/docs/site.js", "site.js"],
];

const OWN: Readonly<Record<string, string>> = {
  "README.md": "index.html",
  "docs/README.md": "contents.html",
  examples: "examples.html",
  LICENSE: "license.txt",
};

/** Where something of the repository stands on the site; the root has no leading stroke. */
export function addressOf(file: string): string {
  const own = OWN[file];
  if (own !== undefined) return own;
  if (file.startsWith("docs/")) return file.slice("docs/".length).replace(/\.md$/, ".html");
  if (file.endsWith(".md"))
    return file.includes("/")
      ? file.replace(/\.md$/, ".html")
      : `project/${file.toLowerCase().replace(/\.md$/, ".html")}`;
  return `code/${file}.html`;
}

const FENCES: Readonly<Record<string, string>> = { ts: "ts", py: "python" };

export const codePage = (file: string): string =>
  `# ${file.split("/").at(-1)}\n\n\`${file}\`\n\n\`\`\`${FENCES[file.split(".").at(-1)!]}\n${textOf(file)}\`\`\`\n`;

export const examplesPage = (): string =>
  `# Examples\n\nRun by CI as they stand.\n\n${CODE.filter((file) => !file.includes(".test."))
    .map((file) => `- [${file}](${file})`)
    .join("\n")}\n`;

export interface NavSection {
  readonly name: string;
  readonly links: readonly (readonly [text: string, address: string])[];
}

/** The contents of the documentation are its navigation. */
export function navigation(): NavSection[] {
  const [intro = "", ...parts] = textOf("docs/README.md").split(/^## /m);
  const linksOf = (text: string) =>
    Array.from(
      text.matchAll(/\[([^\]]+)\]\((\S+\.md)\)/g),
      ([, word, path]) => [word!.replaceAll(/\s+/g, " "), addressOf(`docs/${path}`)] as const,
    );
  return [
    { name: "Tutti", links: [["What it is", "index.html"], ...linksOf(intro)] },
    ...parts.map((part) => ({ name: part.split("\n")[0]!, links: linksOf(part) })),
    {
      name: "Project",
      links: [
        ["Examples", addressOf(EXAMPLES)],
        ["Changes", addressOf("CHANGELOG.md")],
        ["How it is built", addressOf("ARCHITECTURE.md")],
        ["Contributing", addressOf("CONTRIBUTING.md")],
      ],
    },
  ];
}
