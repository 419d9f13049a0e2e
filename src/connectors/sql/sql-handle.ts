import type { Connection } from "../../authoring/connection.ts";
import type { Call, CopyOptions, Replaced, ReplaceOptions, Row, Rows, SqlDriver } from "./driver.ts";
import { tableIdentifier, type TableName } from "./identifier.ts";
import type { Sql } from "./sql.ts";
import { statement, type SqlValue } from "./statement.ts";
import { callFake, target } from "./target.ts";

type Open = (name: string, url: string) => Promise<SqlDriver>;

/** `Sql` over whatever the connection turns out to be, decided at each call: in a worker a URL, in a test a fake. */
export class SqlHandle implements Sql {
  readonly name: string;
  readonly #connection: Connection;
  readonly #open: Open | undefined;
  readonly #signal: AbortSignal | null;

  constructor(connection: Connection, open?: Open, signal: AbortSignal | null = null) {
    this.name = connection.name;
    this.#connection = connection;
    this.#open = open;
    this.#signal = signal;
  }

  async query<T extends object = Row>(text: TemplateStringsArray, ...values: SqlValue[]): Promise<T[]> {
    return await this.#run<T[]>(
      "query",
      [text, ...values],
      async (driver) => (await driver.query(statement(text, values), this.#call)) as T[],
    );
  }

  async *rows<T extends object = Row>(text: TemplateStringsArray, ...values: SqlValue[]): AsyncIterable<T> {
    yield* await this.#run<AsyncIterable<T>>(
      "rows",
      [text, ...values],
      (driver) => driver.rows(statement(text, values), this.#call) as AsyncIterable<T>,
    );
  }

  async execute(text: TemplateStringsArray, ...values: SqlValue[]): Promise<number> {
    return await this.#run<number>("execute", [text, ...values], (driver) =>
      driver.execute(statement(text, values), this.#call),
    );
  }

  async copyIn(table: TableName, rows: Rows, options: CopyOptions = {}): Promise<number> {
    return await this.#run<number>("copyIn", [table, rows, options], (driver) =>
      driver.copyIn(tableIdentifier(table), rows, options, this.#call),
    );
  }

  async replace(table: TableName, rows: Rows, options: ReplaceOptions): Promise<Replaced> {
    return await this.#run<Replaced>("replace", [table, rows, options], (driver) =>
      driver.replace(tableIdentifier(table), rows, options, this.#call),
    );
  }

  with(options: { readonly signal: AbortSignal }): this {
    return this.over(this.#open, options.signal);
  }

  /** The same connection by another way, e.g. within a transaction. */
  protected over(open: Open | undefined, signal: AbortSignal | null): this {
    type Same = new (connection: Connection, open: Open | undefined, signal: AbortSignal | null) => this;
    return new (this.constructor as Same)(this.#connection, open, signal);
  }

  /** For the handles of one database, which add methods to its driver's. */
  protected async onDriver<R>(
    method: string,
    args: readonly unknown[],
    work: (driver: SqlDriver, call: Call) => R | Promise<R>,
  ): Promise<R> {
    return await this.#run<R>(method, args, (driver) => work(driver, this.#call));
  }

  /** Statements stop with the task that sends them, unless `with` says otherwise. */
  get #call(): Call {
    return { connection: this.name, signal: this.#signal ?? this.#connection.signal() };
  }

  async #run<R>(method: string, args: readonly unknown[], work: (driver: SqlDriver) => R | Promise<R>): Promise<R> {
    this.#call.signal?.throwIfAborted();
    const at = await target(this.#connection, this.#open);
    if (at.kind === "fake") return (await callFake(this.#connection, at.fake, method, args)) as R;
    return await work(at.driver);
  }
}
