import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PostgresServer } from "../../test/support/postgres-server.ts";
import { RedisServer } from "./redis-server.ts";

const POLICIES = ["everysec", "always"] as const;

/** Folders and databases for visits. Servers are started when a system first needs them, and stay. */
export class Servers {
  readonly #folder = mkdtempSync(join(tmpdir(), "tutti-peers-"));
  #postgres: Promise<PostgresServer> | null = null;
  #redis = 0;
  #visits = 0;

  constructor() {
    // Stopped by hand: PostgreSQL ends itself then, and Redis is ended where it was started.
    process.once("exit", () => rmSync(this.#folder, { recursive: true, force: true }));
    for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.once(signal, () => process.exit(1));
  }

  /** A folder of its own for each visit. */
  folder(): string {
    return mkdtempSync(join(this.#folder, `visit-${(this.#visits += 1)}-`));
  }

  /** Commits wait for the disk, everything else is PostgreSQL's default. One server for all, a database for each visit. */
  async database(): Promise<{ readonly url: string; drop(): Promise<void> }> {
    this.#postgres ??= PostgresServer.start({ durable: true });
    const server = await this.#postgres;
    const { name, url } = await server.makeDatabase();
    return { url, drop: async () => void (await server.execute("postgres", `drop database ${name} with (force)`)) };
  }

  async postgresVersion(): Promise<string | null> {
    if (this.#postgres === null) return null;
    const rows = await (await this.#postgres).execute<{ server_version: string }>("postgres", "show server_version");
    return rows[0]!.server_version;
  }

  /** A server for each policy, which ends with the visit: an append-only file that another has filled would be rewritten in one's turn. */
  async redis(): Promise<{ readonly ports: Record<string, number>; stop(): Promise<void> }> {
    const servers = new Map<string, RedisServer>();
    for (const policy of POLICIES)
      servers.set(policy, await RedisServer.start(policy, join(this.#folder, `redis-${(this.#redis += 1)}`)));
    return {
      ports: Object.fromEntries([...servers].map(([policy, { port }]) => [policy, port])),
      stop: async () => void (await Promise.all([...servers.values()].map((server) => server.stop()))),
    };
  }

  async close(): Promise<void> {
    if (this.#postgres !== null) await (await this.#postgres).stop();
    rmSync(this.#folder, { recursive: true, force: true });
  }
}
