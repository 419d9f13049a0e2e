import { readFileSync, writeFileSync } from "node:fs";
import { availableParallelism, cpus, totalmem, type as system } from "node:os";
import { join } from "node:path";
import { factsTable, figuresTable, notes, ratiosTable, type Row } from "./table.ts";
import type { Sizes } from "./workloads.ts";

const PAGE = join(import.meta.dirname, "../../docs/benchmarks.md");
const PART = /(<!-- generated: peers -->\n).*?(\n<!-- end -->)/s;

export interface Measured {
  readonly command: string;
  readonly date: string;
  /** Of PostgreSQL and Redis, where they took part. */
  readonly servers: Readonly<Record<string, string>>;
  /** Systems that were not there. */
  readonly absent: readonly string[];
  readonly heats: readonly {
    readonly title: string;
    readonly sizes: Sizes;
    readonly rounds: number;
    readonly rows: readonly Row[];
  }[];
}

/** Markdown, for the page and for people at a terminal. */
export function report({ command, date, servers, heats, absent }: Measured): string {
  const versions = Object.entries(servers).map(([name, version]) => `${name} ${version}`);
  const begin = `Measured on ${date} with \`${command}\`: ${[machine(), ...versions].join(", ")}.`;
  const parts = heats.map(({ title, sizes, rounds, rows }) => {
    const bases = rows.filter(({ system }) => system.startsWith("tutti"));
    return [
      `### ${title}`,
      `Median of ${rounds} rounds (least–most).`,
      figuresTable(rows, sizes),
      ...bases.map((base) => ratiosTable(rows, base, sizes)),
      notes(rows, bases),
    ].join("\n\n");
  });
  const all = [...new Map(heats.flatMap(({ rows }) => rows).map((row) => [row.system, row])).values()];
  const missing = absent.length === 0 ? [] : [`Not there, so not measured: ${absent.join(", ")}.`];
  return [begin, ...missing, ...parts, "### What was promised meanwhile", factsTable(all)].join("\n\n");
}

export function writePage(text: string): void {
  const page = readFileSync(PAGE, "utf8");
  if (!PART.test(page)) throw new Error(`"docs/benchmarks.md" has no <!-- generated: peers --> … <!-- end -->.`);
  // Through a function, because a text may hold what replace() takes for a pattern.
  writeFileSync(
    PAGE,
    page.replace(PART, (_, from: string, to: string) => `${from}${text}${to}`),
  );
}

function machine(): string {
  const gigabytes = Math.round(totalmem() / 2 ** 30);
  return `${availableParallelism()} cores (${cpus()[0]?.model.trim() ?? "unknown"}), ${gigabytes} GB, ${system()}, Node ${process.versions.node}`;
}
