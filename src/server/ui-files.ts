import { createHash } from "node:crypto";
import { globSync, readFileSync, statSync } from "node:fs";
import { extname, join, sep } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { gzip } from "node:zlib";
import type { Context } from "hono";
import { PACKAGE_ROOT } from "../core/package-place.ts";

/** Where the build puts them; run from its sources, the server has none. */
const FOLDER = fileURLToPath(new URL("ui/", PACKAGE_ROOT));
const PAGE = "index.html";

const TYPES: Readonly<Record<string, string>> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".svg": "image/svg+xml",
  ".woff2": "font/woff2",
};

interface UiFile {
  readonly type: string;
  readonly body: Buffer;
  readonly small: Buffer;
  readonly tag: string;
}

const pack = promisify(gzip);

/** The pages for browsers: files that were built ahead. Only what is in the folder now can be asked for. */
export class UiFiles {
  readonly #folder: string;
  readonly #names: ReadonlySet<string>;
  readonly #read = new Map<string, Promise<UiFile>>();

  constructor(folder: string = FOLDER) {
    this.#folder = folder;
    const files = globSync("**/*", { cwd: folder }).filter((name) => statSync(join(folder, name)).isFile());
    this.#names = new Set(files.map((name) => name.replaceAll(sep, "/")));
  }

  /** `false`: run from its sources, nothing was built. */
  get isBuilt(): boolean {
    return this.#names.has(PAGE);
  }

  /** A file by its path; for an address that a browser opens, the page itself, which knows its addresses. `null`: neither. */
  async answer(http: Context): Promise<Response | null> {
    const name = http.req.path.slice(1);
    if (this.#names.has(name) && name !== PAGE && TYPES[extname(name)] !== undefined) return this.#send(name, http);
    // Programs that err want to know it; a browser that reloads a page of ours wants the page.
    const opens =
      http.req.header("accept")?.includes("text/html") === true && !/^(api|built|health|metrics|auth)(\/|$)/.test(name);
    return this.isBuilt && (opens || name === "") ? this.#send(PAGE, http) : null;
  }

  async #send(name: string, http: Context): Promise<Response> {
    let reading = this.#read.get(name);
    if (reading === undefined) this.#read.set(name, (reading = read(join(this.#folder, name))));
    const { type, body, small, tag } = await reading;
    http.header("content-type", type);
    http.header("etag", tag);
    http.header("vary", "accept-encoding");
    // Their names change with what is in them; the page's own does not.
    http.header("cache-control", name.startsWith("built/") ? "public, max-age=31536000, immutable" : "no-cache");
    if (http.req.header("if-none-match") === tag) return http.body(null, 304);
    if (http.req.header("accept-encoding")?.includes("gzip") !== true) return http.body(new Uint8Array(body));
    http.header("content-encoding", "gzip");
    return http.body(new Uint8Array(small));
  }
}

async function read(path: string): Promise<UiFile> {
  const body = readFileSync(path);
  return {
    type: TYPES[extname(path)] ?? "application/octet-stream",
    body,
    small: await pack(body),
    tag: `"${createHash("sha256").update(body).digest("base64url").slice(0, 22)}"`,
  };
}
