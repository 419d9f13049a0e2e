import type { ClientBase, PoolClient, QueryResult } from "pg";
import { TuttiError } from "../../core/errors.ts";
import type { Call, Row } from "../sql/driver.ts";
import type { Statement } from "../sql/statement.ts";
import { bind } from "./bind.ts";
import { type Cancellable, cancelRequest } from "./cancel-request.ts";
import { statementFailed } from "./postgres-error.ts";

/** A server that does not hear a cancel has this long; then the connection is cut. */
const CANCEL_PATIENCE_MS = 5_000;

export type Bound = Pick<Statement, "text" | "values">;

/** One connection while a call has it. An abort ends what it runs, on the server, and the connection with it. */
export class Session {
  readonly client: PoolClient;
  readonly #give: (broken: boolean) => void;
  #broken = false;
  /** Transactions and savepoints that are open. */
  #depth = 0;
  /** What has the connection for itself until it ends: a loop over rows, a COPY. */
  #occupant: string | null = null;

  constructor(client: PoolClient, give: (broken: boolean) => void) {
    this.client = client;
    this.#give = give;
  }

  /** Gives the connection back. */
  release(): void {
    this.#give(this.#broken);
  }

  /** One statement, all its rows. */
  async run(statement: Bound, call: Call): Promise<QueryResult<Row>> {
    this.#refuseWhileOccupied();
    // "extended" also without values: the simple protocol takes several statements in one text.
    const query = { text: statement.text, values: statement.values.map(bind), queryMode: "extended" };
    return await this.guard(statement, call, () => this.client.query<Row>(query));
  }

  /** For what speaks with the server in more than one step: has the connection for itself until it calls what this gives back. */
  occupy(what: string): () => void {
    this.#refuseWhileOccupied();
    this.#occupant = what;
    return () => void (this.#occupant = null);
  }

  /** Does what speaks with the server, ended by an abort; what it throws reads as a failure of this statement. */
  async guard<R>({ text, values }: Bound, { connection, signal }: Call, work: () => Promise<R>): Promise<R> {
    signal?.throwIfAborted();
    let cut: NodeJS.Timeout | null = null;
    const onAbort = (): void => {
      this.cancel();
      cut = setTimeout(() => cutOff(this.client), CANCEL_PATIENCE_MS);
    };
    signal?.addEventListener("abort", onAbort, { once: true });
    try {
      return await work();
    } catch (error) {
      signal?.throwIfAborted();
      const failure = statementFailed(connection, text, values, error);
      if (failure.code === "CONNECTION_LOST") this.spoil();
      throw failure;
    } finally {
      signal?.removeEventListener("abort", onAbort);
      if (cut !== null) clearTimeout(cut);
    }
  }

  /** All or nothing: a transaction, or within one a savepoint. */
  async atomically<R>(call: Call, work: () => Promise<R>, begin = "begin"): Promise<R> {
    const nested = this.#depth > 0;
    const point = `tutti_${this.#depth}`;
    await this.run({ text: nested ? `savepoint ${point}` : begin, values: [] }, call);
    this.#depth += 1;
    try {
      const result = await work();
      await this.run({ text: nested ? `release ${point}` : "commit", values: [] }, call);
      return result;
    } catch (error) {
      // Somebody left a loop open, and what is said now would wait for its end.
      if (!nested && this.#occupant !== null) this.spoil();
      // On a connection that is cut, the server does so by itself.
      if (!this.#broken)
        await this.client.query(nested ? `rollback to ${point}` : "rollback").catch(() => this.spoil());
      throw error;
    } finally {
      this.#depth -= 1;
    }
  }

  /** Ends what the server runs for this connection, which is not used again. */
  cancel(): void {
    this.spoil();
    void cancelRequest(this.client as unknown as Cancellable);
  }

  /** The connection is not to be used by anybody else. */
  spoil(): void {
    this.#broken = true;
  }

  #refuseWhileOccupied(): void {
    if (this.#occupant === null) return;
    throw new TuttiError(
      "TRANSACTION_BUSY",
      `A transaction has one connection, and ${this.#occupant} has it until it ends. Take the rows with query first, or read them outside of the transaction.`,
    );
  }
}

/** Ends a connection without a word to the server. */
export function cutOff(client: ClientBase): void {
  const { connection } = client as unknown as { readonly connection: { readonly stream: { destroy(): void } } };
  connection.stream.destroy();
}
