import { createHash, randomUUID } from "node:crypto";
import { setTimeout as delay } from "node:timers/promises";
import type { QueryStatus } from "snowflake-sdk";
import type { Context } from "../../authoring/context.ts";
import type { Call } from "../sql/driver.ts";
import { SqlFailed } from "../sql/sql-errors.ts";
import type { Statement } from "../sql/statement.ts";
import { plain, type Result, type Session } from "./session.ts";
import type { Sessions } from "./sessions.ts";
import { statementFailed } from "./snowflake-error.ts";

/** What is kept of a statement in `ctx.state`, so that another attempt finds it. No values: they may be secrets. */
interface StatementRecord {
  /** Snowflake runs a request once, however often it gets it. */
  readonly requestId: string;
  readonly fingerprint: string;
  /** `null`: it was being sent. */
  readonly queryId: string | null;
}

const LOOK_EVERY_MS = 1_000;
/** A statement that was just begun is not known to every part of Snowflake at once. */
const UNKNOWN_FOR_MS = 30_000;

/** How many of them each attempt has begun: the second of a body is another than the first, also in the next attempt. */
const begun = new WeakMap<Context, number>();

/** One statement that goes on in Snowflake whatever happens to us: sent once, and waited for by as many attempts as it takes. */
export class ResumableStatement {
  readonly #ctx: Context;
  readonly #sessions: Sessions;
  readonly #key: string;

  constructor(ctx: Context, sessions: Sessions) {
    const place = (begun.get(ctx) ?? 0) + 1;
    begun.set(ctx, place);
    this.#ctx = ctx;
    this.#sessions = sessions;
    this.#key = `snowflake.${place}`;
  }

  async run(statement: Statement, connection: string): Promise<Result> {
    const call: Call = { connection, signal: this.#ctx.signal };
    const session = await this.#sessions.lease(call);
    let queryId: string | null = null;
    try {
      queryId = await this.#begin(session, statement, call);
      const result = await this.#end(session, queryId, statement, call);
      this.#sessions.giveBack(session);
      return result;
    } catch (error) {
      if (this.#ctx.signal.aborted) await this.#stopped(session, queryId, call);
      else this.#sessions.giveBack(session);
      throw error;
    }
  }

  /** Gives its id, which is durable then. */
  async #begin(session: Session, statement: Statement, call: Call): Promise<string> {
    const fingerprint = fingerprintOf(statement);
    const before = await this.#ctx.state.get<StatementRecord>(this.#key);
    const found = before?.fingerprint === fingerprint ? before : null;
    if (found?.queryId) {
      this.#ctx.log.info(
        `Query "${found.queryId}" was begun by an earlier attempt: it is waited for, and not begun again.`,
      );
      return found.queryId;
    }
    if (before && found === null && before.queryId !== null) await cancel(session, before.queryId, call);
    const record = found ?? { requestId: randomUUID(), fingerprint, queryId: null };
    if (found === null) await this.#ctx.state.set(this.#key, record);
    const more = { asyncExec: true, requestId: record.requestId };
    const { statement: running } = await session.execute(statement, call, more);
    const queryId = running.getQueryId();
    await this.#ctx.state.set(this.#key, { ...record, queryId });
    return queryId;
  }

  async #end(session: Session, queryId: string, statement: Statement, call: Call): Promise<Result> {
    const { signal } = this.#ctx;
    let unknownSince: number | null = null;
    for (;;) {
      signal.throwIfAborted();
      const status = await statusOf(session, queryId, statement, call);
      if (status === "SUCCESS") return await session.fetch(queryId, statement, call);
      if (status !== "NO_DATA" && !session.connection.isStillRunning(status))
        return await this.#failed(session, queryId, statement, call);
      unknownSince = status === "NO_DATA" ? (unknownSince ?? performance.now()) : null;
      if (unknownSince !== null && performance.now() - unknownSince > UNKNOWN_FOR_MS)
        return await this.#failed(session, queryId, statement, call);
      await delay(LOOK_EVERY_MS, undefined, { signal }).catch(() => signal.throwIfAborted());
    }
  }

  /** What has been told once must not be found again by the next attempt. */
  async #failed(session: Session, queryId: string, statement: Statement, call: Call): Promise<never> {
    await this.#ctx.state.set(this.#key, undefined);
    // Fetching the result of a failed statement gives its error.
    await session.fetch(queryId, statement, call);
    throw new SqlFailed(
      call.connection,
      statement.text,
      new Error(`Snowflake does not know query "${queryId}" any more.`),
    );
  }

  /** A worker that shuts down leaves the statement running: the task goes on elsewhere, and finds it. */
  async #stopped(session: Session, queryId: string | null, call: Call): Promise<void> {
    // Signing the session out would end what it has begun.
    if ((this.#ctx.signal.reason as { code?: string } | null)?.code === "SHUTTING_DOWN")
      return this.#sessions.abandon(session);
    try {
      if (queryId !== null) await cancel(session, queryId, call);
      await this.#ctx.state.set(this.#key, undefined);
    } catch (error) {
      this.#ctx.log.error(`Query "${queryId}" could not be cancelled, and may be running: ${(error as Error).message}`);
    } finally {
      this.#sessions.giveBack(session);
    }
  }
}

// An id is a UUID, and `system$cancel_query` takes a literal only.
async function cancel(session: Session, queryId: string, call: Call): Promise<void> {
  const id = queryId.replaceAll(/[^\w-]/g, "");
  await session.run(plain(`select system$cancel_query('${id}')`), { ...call, signal: null });
}

async function statusOf(session: Session, queryId: string, statement: Statement, call: Call): Promise<QueryStatus> {
  try {
    return (await session.connection.getQueryStatus(queryId)) as QueryStatus;
  } catch (error) {
    throw statementFailed(call.connection, statement.text, statement.values, error);
  }
}

const fingerprintOf = ({ text, values }: Statement): string =>
  createHash("sha256")
    .update(text)
    .update(JSON.stringify(values, (_, value: unknown) => (typeof value === "bigint" ? `${value}n` : value)))
    .digest("hex")
    .slice(0, 32);
