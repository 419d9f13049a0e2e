import { setTimeout as sleep } from "node:timers/promises";

const TRIES = 8;

/** Does it again where another statement of this process changed the same rows or made the same table meanwhile; DuckDB has undone it then. */
export async function despiteConflicts<R>(work: () => Promise<R>): Promise<R> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await work();
    } catch (error) {
      if (attempt === TRIES || !isConflict(error)) throw error;
    }
    await sleep(attempt * 20 * Math.random());
  }
}

const isConflict = (error: unknown): boolean =>
  error instanceof Error && /^(TransactionContext|Transaction|Catalog) Error.*conflict/im.test(causeOf(error).message);
const causeOf = (error: Error): Error => (error.cause instanceof Error ? error.cause : error);
