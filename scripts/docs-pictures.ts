/**
 * `npm run docs:pictures`: the pictures of the README and the documentation, from the real pages on the retail pipelines: a month of days, and
 * one that fails. They are kept in `docs/images`.
 */
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { hostname } from "node:os";
import { cpSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { createInterface } from "node:readline";
import { type BrowserContext, chromium, type Page } from "playwright-core";
import { chromiumPath, NO_CHROMIUM } from "./browser.ts";
import { buildIfStale } from "./dist-folder.ts";
import { type Frame, movingPicture } from "./docs/moving-picture.ts";

const ROOT = dirname(import.meta.dirname);
const FOLDER = join(ROOT, ".tmp", "pictures");
const IMAGES = join(ROOT, "docs", "images");
const TUTTI = join(ROOT, "bin", "tutti.mjs");
const SIZE = { width: 1280, height: 800 };
const QUALITY = 0.82;
/** Of the recording, which is large. */
const MOVING_QUALITY = 0.55;

const executablePath = chromiumPath();
if (executablePath === null) {
  console.error(NO_CHROMIUM);
  process.exitCode = 2;
} else {
  buildIfStale();
  makeProject();
  const server = spawn(process.execPath, [TUTTI, "start", "--json", "--port", "0"], {
    cwd: FOLDER,
    stdio: ["ignore", "pipe", "inherit"],
  });
  const browser = await chromium.launch({ executablePath, args: ["--no-sandbox", "--disable-gpu"] });
  try {
    const entry = await entryOf(server);
    const context = await browser.newContext({ viewport: SIZE, timezoneId: "Europe/London", colorScheme: "light" });
    await (await context.newPage()).goto(entry);
    mkdirSync(IMAGES, { recursive: true });
    await take(context, new URL(entry).origin);
  } finally {
    await browser.close();
    server.kill("SIGTERM");
    await new Promise((resolve) => server.once("exit", resolve));
    rmSync(FOLDER, { recursive: true, force: true });
  }
}

/** The example, in a folder of its own: its store is not that of `npm start`. */
function makeProject(): void {
  rmSync(FOLDER, { recursive: true, force: true });
  cpSync(join(ROOT, "examples", "retail"), FOLDER, {
    recursive: true,
    filter: (path) => !/\.tutti|\.test\.ts|\.duckdb/.test(path),
  });
  tutti({}, "run", "seed");
  tutti({}, "backfill", "retail", "--from", "2017-12-01", "--to", "2017-12-29", "--max-active-runs", "1");
  tutti(
    { TUTTI_CONNECTION_WAREHOUSE: "postgres://warehouse.example.invalid/shop" },
    "run",
    "retail",
    "--date",
    "2017-12-30",
  );
}

function tutti(environment: Record<string, string>, ...args: string[]): void {
  spawnSync(process.execPath, [TUTTI, ...args], {
    cwd: FOLDER,
    stdio: ["ignore", "ignore", "inherit"],
    env: { ...process.env, ...environment },
  });
}

function entryOf({ stdout }: ChildProcess): Promise<string> {
  return new Promise((resolve) => {
    createInterface({ input: stdout! }).on("line", (line) => {
      const { open } = JSON.parse(line) as { open?: string };
      if (open !== undefined) resolve(open);
    });
  });
}

async function take(context: BrowserContext, origin: string): Promise<void> {
  const page = await context.newPage();
  const frames: Frame[] = [];
  const look = async (name: string, path: string, at: string, act?: (page: Page) => Promise<void>): Promise<void> => {
    await page.goto(origin + path);
    await page.locator(at).first().waitFor();
    await page.getByText("live", { exact: true }).first().waitFor();
    await settled(page);
    frames.push({ webp: await picture(page, MOVING_QUALITY), ms: 1_600 });
    if (act !== undefined) {
      await act(page);
      await settled(page);
      frames.push({ webp: await picture(page, MOVING_QUALITY), ms: 2_200 });
    }
    writeFileSync(join(IMAGES, `${name}.webp`), await picture(page, QUALITY));
  };
  const newest = async (state: string): Promise<string> => {
    const answer = await context.request.get(`${origin}/api/runs?workflow=retail&state=${state}&limit=1`);
    return ((await answer.json()) as { items: { id: string }[] }).items[0]!.id;
  };
  const [failed, good] = [await newest("failed"), await newest("succeeded")];
  await look("home", "/", "h1");
  await look("grid", `/workflows/retail?task=load&run=${failed}`, ".gl .gc");
  await look("why", `/runs/${failed}/why`, "h1.answer");
  await look("run", `/runs/${good}`, ".wf .sg.ran", async () => {
    await page.locator(".wf a, .wf button").first().click();
  });
  await look("graph", "/workflows/retail/graph", ".canvas .tree li");
  await look("compare", `/compare?b=${failed}`, "h1");
  await look("calendar", "/workflows/retail/backfills?year=2017&from=2017-11-01&to=2017-11-30", ".matrix td");
  writeFileSync(join(IMAGES, "tour.webp"), movingPicture(frames, SIZE));
}

/** What is drawn on canvases is drawn a frame or two after what it is of is there. */
async function settled(page: Page): Promise<void> {
  await page.waitForTimeout(600);
  await page.evaluate(
    ({ names }) => {
      const { document } = globalThis as unknown as Texts;
      const texts = document.createTreeWalker(document.body, 4);
      while (texts.nextNode())
        for (const [from, to] of names) texts.currentNode.data = texts.currentNode.data.replaceAll(from, to);
    },
    // Pictures say nothing of the machine that they were made on.
    {
      names: [
        [FOLDER, "/srv/shop"],
        [ROOT, "/srv/shop/node_modules/tutti"],
        [hostname(), "shop"],
        [hostname().slice(0, 8), "shop"],
      ] as const,
    },
  );
}

/** As WebP, which the browser itself makes. */
async function picture(page: Page, quality: number): Promise<Buffer> {
  const png = (await page.screenshot()).toString("base64");
  const converter = await page.context().newPage();
  try {
    const url = await converter.evaluate(
      async ({ data, q }) => {
        const { Image, document } = globalThis as unknown as Browser;
        const image = new Image();
        image.src = `data:image/png;base64,${data}`;
        await image.decode();
        const canvas = document.createElement("canvas");
        canvas.width = image.width;
        canvas.height = image.height;
        canvas.getContext("2d").drawImage(image, 0, 0);
        return canvas.toDataURL("image/webp", q);
      },
      { data: png, q: quality },
    );
    return Buffer.from(url.split(",")[1]!, "base64");
  } finally {
    await converter.close();
  }
}

interface Texts {
  readonly document: {
    readonly body: unknown;
    createTreeWalker(root: unknown, what: number): { nextNode(): unknown; readonly currentNode: { data: string } };
  };
}
interface Picture {
  src: string;
  readonly width: number;
  readonly height: number;
  decode(): Promise<void>;
}
interface Browser {
  readonly Image: new () => Picture;
  readonly document: {
    createElement(name: "canvas"): {
      width: number;
      height: number;
      getContext(kind: "2d"): { drawImage(image: Picture, x: number, y: number): void };
      toDataURL(type: string, quality: number): string;
    };
  };
}
