import { readFile } from "node:fs/promises";
import type { Connection } from "snowflake-sdk";
import { abortable } from "../abortable.ts";
import type { Call } from "../sql/driver.ts";
import { ConnectionFailed } from "../sql/sql-errors.ts";
import { type Account, snowflakeAccount } from "./account.ts";
import { snowflakeModule } from "./module.ts";
import { plain, Session } from "./session.ts";
import { connectionFailed } from "./snowflake-error.ts";

/** Signing in takes about a second; a session costs nothing while it is idle. */
const IDLE_MS = 60_000;

interface Idle {
  readonly session: Session;
  readonly timer: NodeJS.Timeout;
}

/** Sessions of this process with one account. A call takes one and gives it back; idle ones end by themselves, and keep no process alive. */
export class Sessions {
  readonly #account: Account;
  readonly #idle: Idle[] = [];
  readonly #waiting: (() => void)[] = [];
  #open = 0;

  constructor(account: Account) {
    this.#account = account;
  }

  /** To be given back. @throws ConnectionFailed `CONNECTION_FAILED`. DriverMissing. */
  async lease(call: Call): Promise<Session> {
    call.signal?.throwIfAborted();
    const idle = this.#idle.pop();
    if (idle !== undefined) {
      clearTimeout(idle.timer);
      if (!idle.session.broken) return idle.session;
      this.#end(idle.session);
    }
    while (this.#open >= this.#account.pool) {
      await abortable(new Promise<void>((resolve) => this.#waiting.push(resolve)), call.signal);
      if (this.#idle.length > 0) return await this.lease(call);
    }
    this.#open += 1;
    const connecting = this.#connect(call);
    try {
      return await abortable(connecting, call.signal);
    } catch (error) {
      // One that comes when nobody waits for it any more is given back; one that never comes leaves its place.
      void connecting.then(
        (session) => this.giveBack(session),
        () => this.#leave(),
      );
      throw error;
    }
  }

  giveBack(session: Session): void {
    if (session.broken) return this.#end(session);
    const timer = setTimeout(() => this.#retire(session), IDLE_MS).unref();
    this.#idle.push({ session, timer });
    this.#waiting.shift()?.();
  }

  /** Somebody ended one of them, as the server does with all of them at once: those that are idle are not used again. */
  signedOut(): void {
    for (const { session, timer } of this.#idle.splice(0)) {
      clearTimeout(timer);
      this.#end(session);
    }
  }

  /** Neither used again nor signed out: it ends by itself, hours later, with what it has begun. */
  abandon(_session: Session): void {
    this.#leave();
  }

  async #connect(call: Call): Promise<Session> {
    const { options, privateKeyFile, session: settings } = this.#account;
    if (privateKeyFile !== null)
      await readFile(privateKeyFile).catch((error: unknown) => {
        throw new ConnectionFailed(
          call.connection,
          error,
          `Is "private_key_file" in its URL right, and readable here?`,
        );
      });
    const snowflake = await snowflakeModule();
    try {
      const connection = snowflake.createConnection(options);
      await new Promise<void>((resolve, reject) => {
        connection.connect((error) => (error ? reject(error) : resolve()));
      });
      const session = new Session(connection);
      const set = Object.entries(settings).map(([name, value]) => `${name} = ${value}`);
      await session.run(plain(`alter session set ${set.join(" ")}`), { ...call, signal: null });
      return session;
    } catch (error) {
      throw connectionFailed(call.connection, error);
    }
  }

  #retire(session: Session): void {
    const at = this.#idle.findIndex((idle) => idle.session === session);
    if (at === -1) return;
    this.#idle.splice(at, 1);
    this.#end(session);
  }

  #end(session: Session): void {
    end(session.connection);
    this.#leave();
  }

  #leave(): void {
    this.#open -= 1;
    this.#waiting.shift()?.();
  }
}

function end(connection: Connection): void {
  connection.destroy(() => {});
}

const all = new Map<string, Sessions>();

/** Those for a URL. @throws TuttiError `CONNECTION_URL_REFUSED` */
export function sessionsAt(connection: string, url: string): Sessions {
  let sessions = all.get(url);
  if (sessions === undefined) all.set(url, (sessions = new Sessions(snowflakeAccount(connection, url))));
  return sessions;
}
