import type { RunSearch } from "../../routes/search.ts";
import type { Row } from "../../waterfall/rows.ts";

/** The line that an address names. */
export const selectedRow = (rows: readonly Row[], { task, map, attempt }: RunSearch): Row | undefined =>
  task === undefined
    ? undefined
    : (rows.find(
        (row) => row.task === task && (row.mapIndex ?? undefined) === map && (row.attempt ?? undefined) === attempt,
      ) ?? rows.find((row) => row.task === task && (row.mapIndex ?? undefined) === map));

/** How an address names a line. */
export const searchOfRow = (row: Row | undefined): Pick<RunSearch, "task" | "map" | "attempt"> => ({
  task: row?.task,
  map: row?.mapIndex ?? undefined,
  attempt: row?.attempt ?? undefined,
});
