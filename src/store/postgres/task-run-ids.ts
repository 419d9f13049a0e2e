import type { PostgresConnection } from "./postgres-connection.ts";
import { ID_BLOCK, takeTaskRunIds } from "./task-run.sql.ts";

/** Below this many, the next block is fetched beside the work, so that a commit seldom waits for it. */
const LOW = ID_BLOCK / 2;

/** Ids of task runs, taken from the sequence in blocks: a commit knows the ids of its rows before it is sent. */
export class TaskRunIds {
  readonly #connection: PostgresConnection;
  #blocks: { next: number; readonly end: number }[] = [];
  #fetching: Promise<void> | null = null;

  constructor(connection: PostgresConnection) {
    this.#connection = connection;
  }

  async take(count: number): Promise<readonly number[]> {
    while (this.#left() < count) await this.#fetch(count - this.#left());
    const ids: number[] = [];
    while (ids.length < count) {
      const block = this.#blocks[0]!;
      ids.push(block.next++);
      if (block.next === block.end) this.#blocks.shift();
    }
    // What goes wrong here is said to the commit that finds too few.
    if (this.#left() < LOW) this.#fetch(1).catch(() => {});
    return ids;
  }

  #left(): number {
    return this.#blocks.reduce((left, { next, end }) => left + end - next, 0);
  }

  #fetch(count: number): Promise<void> {
    this.#fetching ??= this.#take(Math.ceil(count / ID_BLOCK)).finally(() => (this.#fetching = null));
    return this.#fetching;
  }

  async #take(blocks: number): Promise<void> {
    const rows = await this.#connection.all<{ first: number }>(takeTaskRunIds({ blocks }));
    this.#blocks.push(...rows.map(({ first }) => ({ next: first, end: first + ID_BLOCK })));
  }
}
