import { DatabaseSync, type StatementSync } from "node:sqlite";
import type { Query, Statement } from "../query.ts";
import { sql } from "./sql.ts";
import { storeError } from "./sqlite-error.ts";

const begin = () => sql("begin")`begin`;
const beginImmediate = () => sql("beginImmediate")`begin immediate`;
const beginExclusive = () => sql("beginExclusive")`begin exclusive`;
const commit = () => sql("commit")`commit`;

/** How long a statement waits for another process's short write before it gives up. */
const BUSY_TIMEOUT_MS = 10_000;

/** One connection to a file: named statements, prepared once, and errors that a user understands. */
export class SqliteConnection {
  readonly path: string;
  readonly #db: DatabaseSync;
  readonly #prepared = new Map<Statement, StatementSync>();

  constructor(path: string, options: { readonly readOnly: boolean }) {
    this.path = path;
    this.#db = this.#translated(() => new DatabaseSync(path, { readOnly: options.readOnly }));
    this.exec(`pragma busy_timeout = ${BUSY_TIMEOUT_MS}`);
  }

  /** Answers how many rows changed. */
  run(query: Query): number {
    try {
      return Number(this.#prepare(query).run(...query.values).changes);
    } catch (cause) {
      throw storeError(this.path, cause);
    }
  }

  /** Answers the number of the new row; `null`: it was not inserted. */
  insert(query: Query): number | null {
    try {
      const { changes, lastInsertRowid } = this.#prepare(query).run(...query.values);
      return changes === 0 ? null : Number(lastInsertRowid);
    } catch (cause) {
      throw storeError(this.path, cause);
    }
  }

  get<Row>(query: Query): Row | null {
    try {
      return (this.#prepare(query).get(...query.values) as Row | undefined) ?? null;
    } catch (cause) {
      throw storeError(this.path, cause);
    }
  }

  all<Row>(query: Query): Row[] {
    try {
      return this.#prepare(query).all(...query.values) as Row[];
    } catch (cause) {
      throw storeError(this.path, cause);
    }
  }

  /** For pragmas, migrations and savepoints; everything else is a named statement. */
  exec(text: string): void {
    this.#translated(() => this.#db.exec(text));
  }

  /**
   * All of `work`, durable when it returns, or nothing of it. `immediate`: the lock is taken at the start, so a write
   * never fails in the middle because another process wrote in between.
   */
  transaction<T>(work: () => T, kind: "immediate" | "exclusive" = "immediate"): T {
    this.run(kind === "immediate" ? beginImmediate() : beginExclusive());
    try {
      const result = work();
      this.run(commit());
      return result;
    } catch (error) {
      this.#rollback();
      throw error;
    }
  }

  /** All of `work` sees the same moment, whatever the owner commits meanwhile. */
  snapshot<T>(work: () => T): T {
    this.run(begin());
    try {
      return work();
    } finally {
      this.#rollback();
    }
  }

  /** The first thing wrong with the file; `null`: nothing. Reads every page. */
  checkPages(): string | null {
    const found = this.#translated(() => this.#db.prepare("pragma quick_check(1)").get()) as { quick_check: string };
    return found.quick_check === "ok" ? null : found.quick_check;
  }

  close(): void {
    this.#prepared.clear();
    if (this.#db.isOpen) this.#db.close();
  }

  // A full disk or an I/O error may have ended the transaction already.
  #rollback(): void {
    if (this.#db.isTransaction) this.#db.exec("rollback");
  }

  #prepare({ statement }: Query): StatementSync {
    let prepared = this.#prepared.get(statement);
    if (prepared === undefined) {
      prepared = this.#db.prepare(statement.text);
      this.#prepared.set(statement, prepared);
    }
    return prepared;
  }

  #translated<T>(work: () => T): T {
    try {
      return work();
    } catch (cause) {
      throw storeError(this.path, cause);
    }
  }
}
