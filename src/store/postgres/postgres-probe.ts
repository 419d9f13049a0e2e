import { randomUUID } from "node:crypto";
import { systemClock } from "../../core/clock.ts";
import { pgModule } from "./pg-module.ts";
import { clientOptions, PostgresConnection } from "./postgres-connection.ts";
import { storeError } from "./postgres-error.ts";
import { getServerFacts, getServerTime, listMissingRights } from "./probe.sql.ts";
import { getIdentity } from "./process.sql.ts";
import { listen, notify } from "./wake-up.sql.ts";

/** How long a notification may take before it counts as dropped. */
const HEARD_WITHIN_MS = 2_000;
/** Of several looks at the server's clock, the quickest is the most exact. */
const LOOKS = 5;

export interface ServerFacts {
  /** Its version. */
  readonly server: string;
  readonly user: string;
  /** It takes no writes. */
  readonly standby: boolean;
  /** That it takes, and that there are now. */
  readonly connections: number;
  readonly used: number;
  readonly may_use_schema: boolean;
}

export interface MissingRights {
  readonly table: string;
  readonly rights: string;
}

/** Looks at a database for `tutti doctor`: what a process that works there would meet. Every question may fail by itself. */
export class PostgresProbe {
  readonly #connection: PostgresConnection;
  readonly #url: string;

  private constructor(connection: PostgresConnection, url: string) {
    this.#connection = connection;
    this.#url = url;
  }

  /** @throws TuttiError `STORE_UNREACHABLE`, `STORE_DENIED`, `STORE_NOT_FOUND`, `STORE_CANNOT_OPEN`, `DRIVER_MISSING` */
  static async open(url: string): Promise<PostgresProbe> {
    const connection = await PostgresConnection.open({ url, patienceMs: 0 });
    try {
      await connection.reach();
      return new PostgresProbe(connection, url);
    } catch (error) {
      await connection.close();
      throw error;
    }
  }

  async facts(): Promise<ServerFacts> {
    return (await this.#connection.get<ServerFacts>(getServerFacts()))!;
  }

  /** By table; empty: none is missing. */
  missingRights(): Promise<readonly MissingRights[]> {
    return this.#connection.all<MissingRights>(listMissingRights());
  }

  /** How far this process's clock is ahead of the server's, and how long a question takes, in milliseconds. */
  async clock(): Promise<{ readonly aheadMs: number; readonly roundTripMs: number }> {
    let best = { aheadMs: 0, roundTripMs: Infinity };
    for (let look = 0; look < LOOKS; look += 1) {
      const before = systemClock.now();
      const { now } = (await this.#connection.get<{ now: number }>(getServerTime()))!;
      const after = systemClock.now();
      const roundTripMs = (after - before) / 1000;
      if (roundTripMs < best.roundTripMs) best = { aheadMs: ((before + after) / 2 - now) / 1000, roundTripMs };
    }
    return best;
  }

  async identity(): Promise<string> {
    return (await this.#connection.get<{ id: string }>(getIdentity()))!.id;
  }

  /** How long a notification takes from here to a listener at `directUrl`, in milliseconds; `null`: it does not arrive. */
  async wakeUp(directUrl: string = this.#url): Promise<number | null> {
    const pg = await pgModule();
    const client = new pg.Client(clientOptions(pg, directUrl));
    client.on("error", () => {});
    const text = `probe ${randomUUID()}`;
    try {
      const heard = new Promise<true>((resolve) =>
        client.on("notification", ({ payload = "" }) => payload.includes(text) && resolve(true)),
      );
      await client.connect();
      await client.query(listen());
      const begun = performance.now();
      await this.#connection.run(notify({ payload: JSON.stringify([text]) }));
      let timer: NodeJS.Timeout | undefined;
      const late = new Promise<false>((resolve) => (timer = setTimeout(resolve, HEARD_WITHIN_MS, false)));
      const arrived = await Promise.race([heard, late]);
      clearTimeout(timer);
      return arrived ? performance.now() - begun : null;
    } catch (cause) {
      throw storeError(this.#connection.name, cause);
    } finally {
      await client.end().catch(() => {});
    }
  }

  async close(): Promise<void> {
    await this.#connection.close();
  }
}
