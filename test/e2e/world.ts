import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { createInterface } from "node:readline";
import { type Browser, type BrowserContext, chromium, type Page } from "playwright-core";

const ROOT = dirname(dirname(import.meta.dirname));
const TUTTI = join(ROOT, "bin", "tutti.mjs");
const STOP_MS = 15_000;

export interface Look {
  readonly theme?: "light" | "dark";
  readonly width?: number;
  readonly height?: number;
  /** Of the browser's clock. Default: Europe/London. */
  readonly zone?: string;
}

/** A project in a folder of its own, with a server of its own and a browser that looks at it. */
export class World {
  readonly folder: string;
  readonly #browser: Browser;
  #server: ChildProcess | null = null;
  readonly #key = randomBytes(32).toString("base64");
  #port = 0;
  entry = "";
  readonly errors: string[] = [];

  readonly #env: Readonly<Record<string, string>>;

  private constructor(folder: string, browser: Browser, env: Readonly<Record<string, string>>) {
    this.folder = folder;
    this.#browser = browser;
    this.#env = env;
  }

  /** `project`: the folder beside this file that is copied; `env`: of the server's process. */
  static async begin(project = "project", env: Readonly<Record<string, string>> = {}): Promise<World> {
    const folder = mkdtempSync(join(tmpdir(), "tutti-e2e-"));
    cpSync(join(import.meta.dirname, project), folder, { recursive: true });
    mkdirSync(join(folder, "node_modules"));
    symlinkSync(ROOT, join(folder, "node_modules", "tutti"));
    symlinkSync(join(ROOT, "node_modules", "zod"), join(folder, "node_modules", "zod"));
    const executablePath = process.env["TUTTI_E2E"];
    if (executablePath === undefined) throw new Error("Started by npm run test:e2e, which finds the browser.");
    const browser = await chromium.launch({ executablePath, args: ["--no-sandbox", "--disable-gpu"] });
    const world = new World(folder, browser, env);
    await world.serve();
    return world;
  }

  get origin(): string {
    return new URL(this.entry).origin;
  }

  /** Starts the server, on the port it had before. */
  async serve(command: "dev" | "start" = "dev"): Promise<void> {
    const server = spawn(process.execPath, [TUTTI, command, "--json", "--port", String(this.#port)], {
      cwd: this.folder,
      env: { ...process.env, ...this.#env, TUTTI_ENCRYPTION_KEY: this.#key },
      stdio: ["ignore", "pipe", "pipe"],
    });
    this.#server = server;
    let said = "";
    server.stderr.setEncoding("utf8").on("data", (text: string) => (said += text));
    const ready = new Promise<string>((resolve, reject) => {
      createInterface({ input: server.stdout }).on("line", (line) => {
        const { open } = JSON.parse(line) as { open?: string };
        if (open !== undefined) resolve(open);
      });
      server.on("exit", (code) => reject(new Error(`The server ended with ${code}: ${said}`)));
    });
    this.entry = await ready;
    this.#port = Number(new URL(this.entry).port);
  }

  async stop(): Promise<void> {
    const server = this.#server;
    if (server === null || server.exitCode !== null) return;
    const ended = new Promise((resolve) => server.once("exit", resolve));
    const late = setTimeout(() => server.kill("SIGKILL"), STOP_MS);
    server.kill("SIGTERM");
    await ended;
    clearTimeout(late);
    this.#server = null;
  }

  /** A command of this project, to its end. */
  tutti(...args: string[]): string {
    const { status, stdout, stderr } = spawnSync(process.execPath, [TUTTI, ...args], {
      cwd: this.folder,
      encoding: "utf8",
    });
    if (status !== 0 && status !== 1) throw new Error(`tutti ${args.join(" ")}: ${stderr}`);
    return stdout;
  }

  /** A request with the server's own token. */
  async ask<T>(method: "GET" | "POST" | "DELETE", path: string, body?: unknown): Promise<T> {
    const token = new URL(this.entry).searchParams.get("token")!;
    const answer = await fetch(new URL(path, this.origin), {
      method,
      headers: {
        authorization: `Bearer ${token}`,
        ...(body === undefined ? {} : { "content-type": "application/json" }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`);
    return (answer.status === 204 ? undefined : await answer.json()) as T;
  }

  /** Asks again until a list is as it should be. */
  async has(path: string, isSo: (page: { items: Record<string, unknown>[] }) => boolean): Promise<void> {
    while (!isSo(await this.ask("GET", path))) await new Promise((resolve) => setTimeout(resolve, 50));
  }

  /** Starts a run and waits for its end. */
  async run(workflow: string, params?: object, date?: string): Promise<string> {
    const { id } = await this.ask<{ id: string }>("POST", "/api/runs", {
      workflow,
      ...(params && { params }),
      ...(date && { date }),
    });
    await this.ended(id);
    return id;
  }

  async ended(id: string): Promise<void> {
    for (;;) {
      const { endedAt } = await this.ask<{ endedAt: string | null }>("GET", `/api/runs/${id}`);
      if (endedAt !== null) return;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }

  /** A new browser of a user; `signedIn`: by the address that was printed. */
  async context(
    { theme = "light", width = 1440, height = 900, zone = "Europe/London" }: Look = {},
    signedIn = true,
  ): Promise<BrowserContext> {
    const context = await this.#browser.newContext({
      viewport: { width, height },
      colorScheme: theme,
      timezoneId: zone,
    });
    if (signedIn) {
      const page = await context.newPage();
      await page.goto(this.entry);
      await page.close();
    }
    return context;
  }

  /** A page at an address, with whatever goes wrong in it kept. */
  async open(path: string, look: Look = {}): Promise<Page> {
    return this.openIn(await this.context(look), path);
  }

  async openIn(context: BrowserContext, path: string): Promise<Page> {
    const page = await context.newPage();
    page.on("pageerror", (error) => this.errors.push(`${path}: ${error.stack ?? error.message}`));
    await page.goto(new URL(path, this.origin).href);
    return page;
  }

  async end(): Promise<void> {
    await this.#browser.close();
    await this.stop();
    rmSync(this.folder, { recursive: true, force: true });
  }
}
