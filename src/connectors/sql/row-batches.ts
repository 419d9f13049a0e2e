import type { Rows } from "./driver.ts";

/** Rows that are looked at together: the columns of a table that is made, and of what is written, follow from the first batch. */
export const BATCH_ROWS = 2_048;

export async function* rowBatches(rows: Rows): AsyncIterable<object[]> {
  if (Array.isArray(rows)) {
    for (let at = 0; at < rows.length; at += BATCH_ROWS) yield rows.slice(at, at + BATCH_ROWS);
    return;
  }
  let batch: object[] = [];
  for await (const row of rows) {
    if (batch.push(row) < BATCH_ROWS) continue;
    yield batch;
    batch = [];
  }
  if (batch.length > 0) yield batch;
}
