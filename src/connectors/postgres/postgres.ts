import type { StandardSchemaV1 } from "@standard-schema/spec";
import { connection } from "../../authoring/connection.ts";
import type { EventTrigger } from "../../authoring/event-trigger.ts";
import { type Look, pollTrigger } from "../../authoring/on-poll.ts";
import { type Duration, parseDuration } from "../../core/duration.ts";
import { TuttiError } from "../../core/errors.ts";
import type { SqlDriver } from "../sql/driver.ts";
import { schemeOf } from "../sql/drivers.ts";
import { tableIdentifier, type TableName } from "../sql/identifier.ts";
import { SqlHandle } from "../sql/sql-handle.ts";
import type { Sql } from "../sql/sql.ts";
import { statement, type SqlValue } from "../sql/statement.ts";
import { checkChannel, parsePayload } from "./channel.ts";
import type { Bytes, CopyFormat } from "./copy-bytes.ts";
import type { Heard } from "./listen.ts";
import { lookWhenNotified, type OnNotifyOptions, onNotifyOptions } from "./on-notify.ts";
import { type PostgresDriver, postgresDriver } from "./postgres-driver.ts";

/** What can be done inside of a transaction: all that the connection can. */
export interface PostgresSession extends Sql {
  /**
   * The result of a query as bytes, as the server writes them: the fastest way out, since no row becomes an object. `csv` has a header.
   * Values are quoted by the driver, as COPY binds none.
   *
   * @example
   * await ctx.artifact("sales.csv").write(ReadableStream.from(orders.copyOut("csv")`select * from sales where sold_on = ${ctx.date}`));
   */
  copyOut(format: CopyFormat): (text: TemplateStringsArray, ...values: SqlValue[]) => AsyncIterable<Uint8Array>;

  /**
   * Appends what the bytes hold, all rows or none, and says how many. `csv` begins with a header, which is skipped: columns come in the order of
   * the table, or of `columns`. A row that does not fit is `SQL_FAILED`.
   *
   * @example
   * await warehouse.copyInBytes("daily_sales", extracted.file.stream(), { format: "csv" });
   */
  copyInBytes(table: TableName, bytes: Bytes, options?: CopyBytesOptions): Promise<number>;
}

export interface CopyBytesOptions {
  /** What the bytes are. Default: `"csv"`. */
  readonly format?: CopyFormat;
  /** The columns that they hold, in this order. Default: those of the table. */
  readonly columns?: readonly string[];
}

export interface TransactionOptions {
  /** What it sees of others that run at the same time. Default: `"read committed"`. */
  readonly isolation?: "read committed" | "repeatable read" | "serializable";
  /** Refuses to write. Default: false. */
  readonly readOnly?: boolean;
}

/** A PostgreSQL connection: everything that `Sql` has, COPY of bytes, and transactions. */
export interface Postgres extends PostgresSession {
  /**
   * Runs several statements as one: commits what `work` did when it ends, and undoes all of it when it throws. Inside, `copyIn`, `replace` and
   * `transaction` are savepoints. It has one connection: a loop over `rows` must end before the next statement.
   *
   * @example
   * await warehouse.transaction(async (tx) => {
   *   await tx.execute`delete from totals where day = ${ctx.date}`;
   *   await tx.execute`insert into totals select day, sum(sales) from daily_sales where day = ${ctx.date} group by day`;
   * });
   * @throws TuttiError `TRANSACTION_BUSY`, `TRANSACTION_ENDED`. It is not tried again: what `work` did elsewhere would happen twice.
   */
  transaction<R>(work: (tx: PostgresSession) => Promise<R>, options?: TransactionOptions): Promise<R>;

  /**
   * What is notified on a channel, as it comes, on a connection of its own that is made again when it breaks. Notifications are not kept by the server:
   * a `gap` (always the first, then after each broken connection) says that some may not have been heard. So what must not be missed stands in a table,
   * which is read at a gap, and a notification only says that there is more.
   *
   * @example
   * for await (const heard of orders.listen("orders", { payload: z.object({ id: z.number() }) }))
   *   if (heard.kind === "gap") await takeAll(); else await take(heard.payload.id);
   * @throws TuttiError `NOTIFICATION_REFUSED`: a payload is not what `payload` says. ConnectionFailed: the server was away for longer than `patience`.
   */
  listen<T>(
    channel: string,
    options: ListenOptions & { readonly payload: StandardSchemaV1<unknown, T> },
  ): AsyncIterable<Heard<T>>;
  listen(channel: string, options?: ListenOptions): AsyncIterable<Heard<string>>;

  /**
   * Starts a run for each thing that `look` finds, as `onPoll` does: it is asked at once when a channel is notified, and every so often in any case, since notifications are
   * not kept by the server. So what must not be missed stands in a table that `look` reads from its cursor on.
   *
   * @example
   * const shop = postgres("shop");
   * const take = task("take", (_: void, ctx) => console.log(ctx.event?.payload));
   * const created = shop.onNotify("orders", { every: "1m" }, async (cursor: number | null) => {
   *   const rows = await shop.query<{ id: number }>`select id from orders where id > ${cursor ?? 0} order by id limit 100`;
   *   return rows.length === 0 ? undefined : { cursor: rows.at(-1)!.id, events: rows.map((row) => ({ payload: row })) };
   * });
   * export default dag("orders", { schedule: created }, () => void take());
   * @throws TuttiError `BAD_CHANNEL`, and as `onPoll`
   */
  onNotify<Cursor>(channel: string, options: OnNotifyOptions, look: Look<Cursor>): EventTrigger;
}

export interface ListenOptions {
  /** How long a server may be away before listening fails: `"5m"` or milliseconds. Default: `"5m"`. */
  readonly patience?: Duration;
  /** What payloads are: each is parsed as JSON and checked. Default: a payload is a text. */
  readonly payload?: StandardSchemaV1;
}

/**
 * Declares the PostgreSQL connection `name`; like `sql(name)`, and refuses a URL of another scheme.
 *
 * @example
 * const orders = postgres("orders"); // TUTTI_CONNECTION_ORDERS=postgres://reader:…@db.internal:5432/shop
 */
export const postgres = (name: string): Postgres => new PostgresHandle(connection(name), openPostgres);

class PostgresHandle extends SqlHandle implements Postgres {
  copyOut(format: CopyFormat): ReturnType<PostgresSession["copyOut"]> {
    return (text, ...values) => this.#copyOut(format, text, values);
  }

  async copyInBytes(
    table: TableName,
    bytes: Bytes,
    { format = "csv", columns }: CopyBytesOptions = {},
  ): Promise<number> {
    return await this.onDriver("copyInBytes", [table, bytes, { format, columns }], (driver, call) =>
      of(driver).copyBytesIn(tableIdentifier(table), bytes, { format, columns: columns ?? null }, call),
    );
  }

  async transaction<R>(work: (tx: PostgresSession) => Promise<R>, options: TransactionOptions = {}): Promise<R> {
    return await this.onDriver<R>("transaction", [work, options], (driver, call) =>
      of(driver).transaction(beginText(options), (inside) => work(this.over(async () => inside, call.signal)), call),
    );
  }

  listen<T>(
    channel: string,
    options: ListenOptions & { readonly payload: StandardSchemaV1<unknown, T> },
  ): AsyncIterable<Heard<T>>;
  listen(channel: string, options?: ListenOptions): AsyncIterable<Heard<string>>;
  async *listen(channel: string, options: ListenOptions = {}): AsyncIterable<Heard<unknown>> {
    const { patience = "5m", payload: schema } = options;
    const patienceMs = parseDuration(patience);
    const heard = await this.onDriver<AsyncIterable<Heard<string>>>("listen", [channel, options], (driver, call) =>
      of(driver).listen(checkChannel(channel), patienceMs, call),
    );
    for await (const one of heard)
      yield one.kind === "gap" || schema === undefined
        ? one
        : { kind: one.kind, payload: await parsePayload(channel, one.payload, schema) };
  }

  onNotify<Cursor>(channel: string, options: OnNotifyOptions, look: Look<Cursor>): EventTrigger {
    const what = `postgres("${this.name}").onNotify(…)`;
    const { waitMs, ...polling } = onNotifyOptions(options, what);
    const fallback = `notify ${this.name}/${checkChannel(channel)}`;
    return pollTrigger<Cursor>(what, polling, fallback, (cursor, call) =>
      lookWhenNotified(
        (stop) => this.with({ signal: stop }).listen(channel),
        waitMs,
        call,
        () => look(cursor, call),
      ),
    );
  }

  async *#copyOut(format: CopyFormat, text: TemplateStringsArray, values: SqlValue[]): AsyncIterable<Uint8Array> {
    yield* await this.onDriver<AsyncIterable<Uint8Array>>("copyOut", [format, text, ...values], (driver, call) =>
      of(driver).copyOut(format, statement(text, values), call),
    );
  }
}

const of = (driver: SqlDriver): PostgresDriver => driver as PostgresDriver;

const ISOLATION = ["read committed", "repeatable read", "serializable"] as const;

function beginText({ isolation = "read committed", readOnly = false }: TransactionOptions): string {
  if (!ISOLATION.includes(isolation))
    throw new TuttiError(
      "TRANSACTION_ISOLATION_UNKNOWN",
      `There is no isolation ${JSON.stringify(isolation)}. Known: ${ISOLATION.join(", ")}.`,
    );
  return `begin isolation level ${isolation}${readOnly ? " read only" : ""}`;
}

async function openPostgres(name: string, url: string): Promise<SqlDriver> {
  const scheme = schemeOf(name, url);
  if (scheme === "postgres" || scheme === "postgresql") return await postgresDriver(name, url);
  throw new TuttiError(
    "CONNECTION_NOT_AVAILABLE",
    `Connection "${name}" is declared with postgres("${name}"), and its URL begins with "${scheme}:". Give it a "postgres:" URL, or declare it with sql("${name}").`,
  );
}
