/**
 * `npm run bench:ui [-- --quick --json]`: what the pages promise, on a busy team's store, in a real browser. `--keep`: the store is not made anew when it is there.
 */
import { spawn } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { parseArgs } from "node:util";
import { gzipSync } from "node:zlib";
import { type Browser, chromium, type Page } from "playwright-core";
import { chromiumPath, NO_CHROMIUM } from "../../scripts/browser.ts";
import { makeFixture } from "./fixture.ts";
import { framesWhilePanning, opened, quantile } from "./measure.ts";

const ROOT = join(import.meta.dirname, "..", "..");
const TURNS = 3;
const { values } = parseArgs({
  options: {
    quick: { type: "boolean", default: false },
    json: { type: "boolean", default: false },
    keep: { type: "boolean", default: false },
  },
});
const folder = join(ROOT, ".tmp", values.quick ? "bench-ui-quick" : "bench-ui");

interface Figure {
  readonly name: string;
  readonly value: number;
  readonly unit: "ms" | "KB";
  readonly budget: number;
}

const figures: Figure[] = [];
const add = (name: string, value: number, unit: Figure["unit"], budget: number): void => {
  figures.push({ name, value: Math.round(value), unit, budget });
  if (!values.json)
    console.log(`${value <= budget ? "ok  " : "MISS"} ${name}: ${Math.round(value)} ${unit}, budget ${budget}`);
};

const executablePath = chromiumPath();
if (executablePath === null) {
  console.error(NO_CHROMIUM);
  process.exitCode = 2;
} else {
  if (!values.keep || !existsSync(join(folder, ".tutti", "tutti.db"))) await makeFixture(folder, values.quick);
  const server = spawn(process.execPath, [join(ROOT, "bin", "tutti.mjs"), "start", "--json", "--port", "0"], {
    cwd: folder,
    stdio: ["ignore", "pipe", "inherit"],
  });
  const browser = await chromium.launch({ executablePath, args: ["--no-sandbox", "--disable-gpu"] });
  try {
    await measure(browser, await entryOf(server.stdout));
  } finally {
    await browser.close();
    server.kill("SIGTERM");
  }
  if (values.json)
    console.log(
      JSON.stringify({ figures: figures.map((figure) => ({ ...figure, ok: figure.value <= figure.budget })) }),
    );
  process.exitCode = figures.every(({ value, budget }) => value <= budget) ? 0 : 1;
}

function entryOf(out: NodeJS.ReadableStream): Promise<string> {
  return new Promise((resolve) => {
    createInterface({ input: out }).on("line", (line) => {
      const { open } = JSON.parse(line) as { open?: string };
      if (open !== undefined) resolve(open);
    });
  });
}

async function measure(browser: Browser, entry: string): Promise<void> {
  const origin = new URL(entry).origin;
  const token = new URL(entry).searchParams.get("token")!;
  const ask = async <T>(path: string, body?: unknown): Promise<T> => {
    const answer = await fetch(new URL(path, origin), {
      method: body === undefined ? "GET" : "POST",
      headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    return (await answer.json()) as T;
  };
  const newest = async (workflow: string, state?: string): Promise<string> =>
    (
      await ask<{ items: { id: string }[] }>(
        `/api/runs?workflow=${workflow}&limit=1${state === undefined ? "" : `&state=${state}`}`,
      )
    ).items[0]!.id;
  add("script of the first load, packed", (await firstLoadBytes(browser, entry)) / 1000, "KB", 250);
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 } });
  const page = await context.newPage();
  await page.goto(entry);
  const [failed, wide, chatty] = [
    await newest("workflow_003", "failed").catch(() => newest("workflow_003")),
    await newest("wide"),
    await newest("chatty"),
  ];
  const pages = [
    ["home", "/", ".lanes .ln a"],
    ["workflows", "/workflows", "table.workflows tbody tr:nth-child(20) .bars i"],
    ["runs", "/runs", "table.runs tbody tr:nth-child(20)"],
    ["grid", "/workflows/workflow_003", ".gl .gc .disc"],
    ["grid of the wide workflow", "/workflows/wide", ".gl .gc .disc"],
    ["graph of the wide workflow", "/workflows/wide/graph", ".canvas .tree li"],
    ["run", `/runs/${failed}`, ".wf .sg.ran"],
    ["run of the wide workflow", `/runs/${wide}`, ".wf .sg.ran"],
    ["why", `/runs/${failed}/why`, "h1.answer"],
    ["compare", `/compare?b=${failed}`, ".twofold li"],
    ["calendar", "/workflows/workflow_003/backfills", ".matrix td"],
    ["start", "/workflows/workflow_003/start", ".startsplit .btn.go"],
    ["schedules", "/schedules", "tbody tr:nth-child(20)"],
    ["failed runs", "/runs?state=failed", "table.runs tbody tr:nth-child(20)"],
    ["logs", "/logs?workflow=workflow_003&level=error", ".none"],
    ["ops", "/ops", ".sec tbody tr"],
  ] as const;
  for (const [name, path, selector] of pages)
    add(`${name} is there`, await median(() => opened(page, origin + path, selector)), "ms", 1_000);
  add("a very long log is open", await median(() => logOpened(page, origin, chatty)), "ms", 300);
  await opened(page, `${origin}/workflows/wide/graph`, ".canvas .tree li");
  add(
    "a frame while the wide graph is moved, 95 of 100",
    quantile(await framesWhilePanning(page, ".canvas"), 0.95),
    "ms",
    33,
  );
  add("a state is on the screen after it was recorded", await stateShown(page, origin, ask), "ms", 300);
}

async function median(once: () => Promise<number>): Promise<number> {
  await once();
  const took: number[] = [];
  for (let turn = 0; turn < TURNS; turn++) took.push(await once());
  return quantile(took, 0.5);
}

/** Of the run's page, from what it takes without its log on. */
async function logOpened(page: Page, origin: string, run: string): Promise<number> {
  await page.goto(`${origin}/runs/${run}`);
  await page.locator(".l .m").first().waitFor();
  await page.getByLabel("search").fill("line 99");
  await page.locator(".l .m").first().waitFor();
  const begun = performance.now();
  await page.getByLabel("search").fill("");
  await page.getByText("line 1 of many, with some words as lines have them").waitFor();
  return performance.now() - begun;
}

/** From the moment that the store has of the end of a run to the frame that shows it; the worst of a few. */
async function stateShown(
  page: Page,
  origin: string,
  ask: <T>(path: string, body?: unknown) => Promise<T>,
): Promise<number> {
  const late: number[] = [];
  for (let turn = 0; turn < TURNS; turn++) {
    const { id } = await ask<{ id: string }>("/api/runs", { workflow: "blink" });
    await page.goto(`${origin}/runs/${id}`);
    await page.locator(".facts .word.running").waitFor();
    const seen = await page.evaluate(
      () =>
        new Promise<number>((resolve) => {
          const { document, MutationObserver: Observer } = globalThis as unknown as {
            document: { querySelector(what: string): unknown; body: unknown };
            MutationObserver: new (look: () => void) => { observe(what: unknown, how: object): void };
          };
          new Observer(() => {
            if (document.querySelector(".facts .word.succeeded") !== null) resolve(Date.now());
          }).observe(document.body, { subtree: true, childList: true, attributes: true });
        }),
    );
    const { endedAt } = await ask<{ endedAt: string }>(`/api/runs/${id}`);
    late.push(seen - Date.parse(endedAt));
  }
  return Math.max(...late);
}

async function firstLoadBytes(browser: Browser, entry: string): Promise<number> {
  const context = await browser.newContext();
  const page = await context.newPage();
  const names = new Set<string>();
  page.on("request", (request) => {
    const found = /\/built\/([^/?]+\.js)/.exec(request.url());
    if (found !== null) names.add(found[1]!);
  });
  await page.goto(entry);
  await page.locator("h1").first().waitFor();
  await context.close();
  const folderOfAssets = join(ROOT, "dist", "ui", "built");
  const sizes = readdirSync(folderOfAssets)
    .filter((name) => names.has(name))
    .map((name) => gzipSync(readFileSync(join(folderOfAssets, name))).length);
  return sizes.reduce((sum, size) => sum + size, 0);
}
