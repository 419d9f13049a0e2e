import type { Call, Row } from "../sql/driver.ts";
import { bind } from "./bind.ts";
import { cursorClass } from "./modules.ts";
import type { Bound, Session } from "./session.ts";

/** Rows that are in memory at once. */
const FETCHED_ROWS = 1_000;

/** Rows by a cursor, so many at a time. Left early, the statement ends on the server. */
export async function* stream(session: Session, statement: Bound, call: Call): AsyncIterable<Row> {
  const Cursor = await cursorClass();
  const free = session.occupy("a loop over rows");
  try {
    const cursor = session.client.query(new Cursor<Row>(statement.text, statement.values.map(bind), typesOf(session)));
    let ended = false;
    try {
      for (;;) {
        const batch = await session.guard(statement, call, () => cursor.read(FETCHED_ROWS));
        ended = batch.length < FETCHED_ROWS;
        yield* batch;
        if (ended) break;
      }
    } catch (error) {
      // A cursor that failed has told the server already.
      ended = true;
      throw error;
    } finally {
      if (!ended) await cursor.close().catch(() => session.spoil());
    }
  } finally {
    free();
  }
}

/** A cursor does not take its client's types by itself. */
const typesOf = ({ client }: Session): { types: { getTypeParser: typeof client.getTypeParser } } => ({
  types: { getTypeParser: client.getTypeParser.bind(client) },
});
