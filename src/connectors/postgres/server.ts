import type { Client, Pool, PoolConfig } from "pg";
import { setTimeout as pause } from "node:timers/promises";
import { TuttiError } from "../../core/errors.ts";
import { abortable } from "../abortable.ts";
import type { Call } from "../sql/driver.ts";
import type { PgModule } from "./modules.ts";
import { connectionFailed, isWorthWaiting } from "./postgres-error.ts";
import { readers } from "./read-value.ts";
import { Session } from "./session.ts";

/** A task that loops over `rows` and writes meanwhile needs two; a child runs 16 tasks at once by default. */
const DEFAULT_POOL = 40;
const IDLE_MS = 10_000;
const CONNECT_TIMEOUT_MS = 10_000;
/** A connection through a firewall that forgot it is noticed after this, and not after two hours. */
const KEEP_ALIVE_MS = 10_000;
/** Pauses while a server starts or has no free connection: three seconds in all. */
const WAITS_MS = [50, 100, 200, 400, 800, 1_450] as const;

/** Connections of this process to one database. A call takes one and gives it back; an idle one ends after ten seconds, and keeps no process alive. */
export class Server {
  readonly #pool: Pool;
  readonly #newClient: () => Client;

  constructor(pg: PgModule, config: PoolConfig) {
    this.#pool = new pg.Pool(config);
    this.#newClient = () => new pg.Client(config);
    // A connection that breaks while it is idle, or between two statements, is found out by the next one; without a listener it would end the process.
    this.#pool.on("error", () => {});
    this.#pool.on("connect", (client) => void client.on("error", () => {}));
  }

  /** To be given back. @throws ConnectionFailed */
  async lease(call: Call): Promise<Session> {
    const connecting = patiently(call, () => this.#pool.connect());
    try {
      const client = await abortable(connecting, call.signal);
      return new Session(client, (broken) => client.release(broken));
    } catch (error) {
      // Nobody waits for it any more.
      void connecting.then(
        (client) => client.release(),
        () => {},
      );
      throw error;
    }
  }

  giveBack(session: Session): void {
    session.release();
  }

  /** One beside the pool, which its caller ends. @throws ConnectionFailed */
  async connect(call: Call): Promise<Client> {
    const connecting = patiently(call, async () => {
      const client = this.#newClient();
      client.on("error", () => {});
      await client.connect();
      return client;
    });
    try {
      return await abortable(connecting, call.signal);
    } catch (error) {
      void connecting.then(
        (client) => client.end(),
        () => {},
      );
      throw error;
    }
  }
}

async function patiently<C>(call: Call, connect: () => Promise<C>): Promise<C> {
  for (const waitMs of [...WAITS_MS, null]) {
    try {
      return await connect();
    } catch (error) {
      if (waitMs === null || !isWorthWaiting(error) || call.signal?.aborted === true)
        throw connectionFailed(call.connection, error);
      await pause(waitMs);
    }
  }
  throw new Error("unreachable");
}

const servers = new Map<string, Server>();

/**
 * The one for a URL: `postgres://user:password@host:5432/database?sslmode=…`. `pool` is ours (connections at once in this process, default 40);
 * the rest is `pg`'s.
 *
 * @throws TuttiError `CONNECTION_URL_REFUSED`
 */
export function serverAt(pg: PgModule, connection: string, url: string): Server {
  let server = servers.get(url);
  if (server === undefined) servers.set(url, (server = new Server(pg, configOf(pg, connection, url))));
  return server;
}

function configOf(pg: PgModule, connection: string, url: string): PoolConfig {
  const address = URL.canParse(url) ? new URL(url) : null;
  const pool = Number(address?.searchParams.get("pool") ?? DEFAULT_POOL);
  // The URL itself stays out of the message: it may hold a password.
  if (address === null || !Number.isSafeInteger(pool) || pool < 1)
    throw new TuttiError(
      "CONNECTION_URL_REFUSED",
      `Connection "${connection}": its URL is not one of a PostgreSQL database. It looks like "postgres://user:password@host:5432/database?pool=10", with %40 for an @ in the password.`,
    );
  const options = address.searchParams.get("options") ?? "";
  for (const name of ["pool", "options"]) address.searchParams.delete(name);
  return {
    connectionString: address.href,
    // Else a Date would compare with a date column by the server's zone. A setting of the start, which a pooler keeps track of.
    options: `-c TimeZone=UTC ${options}`.trim(),
    fallback_application_name: "tutti",
    types: readers(pg),
    max: pool,
    idleTimeoutMillis: IDLE_MS,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    keepAlive: true,
    keepAliveInitialDelayMillis: KEEP_ALIVE_MS,
    allowExitOnIdle: true,
  };
}
