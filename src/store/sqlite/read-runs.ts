import type { RunState } from "../../core/run-state.ts";
import type { RunQuery, RunSummary } from "../reader.ts";
import { type RunSummaryRow, toRunSummary } from "../run-row.ts";
import * as sql from "./run-summary.sql.ts";
import type { SqliteConnection } from "./sqlite-connection.ts";

/** After every id: ids are digits and lower-case letters. */
export const AFTER_ALL = "~";

/** Runs of these workflows, the newest first. `workflows`: their numbers; `null`: all. */
export function readRuns(
  connection: SqliteConnection,
  workflows: readonly number[] | null,
  { states, partitions, limit, before = AFTER_ALL, after = "" }: Omit<RunQuery, "workflow">,
): readonly RunSummary[] {
  const lists: readonly RunList[] = (workflows ?? [undefined]).flatMap((workflow) =>
    (states ?? [undefined]).flatMap((state) =>
      (partitions ?? [undefined]).map((partition) => ({ workflow, state, partition, before, after, limit })),
    ),
  );
  const [only] = lists;
  if (only === undefined) return [];
  return connection.snapshot(() => {
    const query = lists.length === 1 ? wholeRuns(only) : sql.listRunsWithIds({ ids: newest(connection, lists), limit });
    return connection.all<RunSummaryRow>(query).map(toRunSummary);
  });
}

/** The newest of several lists, as a JSON array of ids. */
function newest(connection: SqliteConnection, lists: readonly RunList[]): string {
  let found: string[] = [];
  for (const list of lists) {
    // With a page full, only what is newer than its last: of many workflows most have little of that.
    const after = found.length < list.limit ? list.after : found.at(-1)!;
    const more = connection.all<{ id: string }>(runIds({ ...list, after }));
    if (more.length === 0) continue;
    found = [...found, ...more.map(({ id }) => id)].sort((a, b) => (a < b ? 1 : -1)).slice(0, list.limit);
  }
  return JSON.stringify(found);
}

interface RunList {
  readonly workflow: number | undefined;
  readonly state: RunState | undefined;
  readonly partition: string | undefined;
  readonly before: string;
  readonly after: string;
  readonly limit: number;
}

// One statement per combination, so that each is a stretch of an index.

function wholeRuns({ workflow, state, partition, ...page }: RunList) {
  if (partition !== undefined)
    return sql.listRunsOfPartition({ ...page, partition, workflow: workflow ?? null, state: state ?? null });
  if (workflow === undefined) return state === undefined ? sql.listRuns(page) : sql.listRunsInState({ ...page, state });
  switch (state) {
    case undefined:
      return sql.listRunsOfWorkflow({ ...page, workflow });
    case "failed":
    case "cancelled":
      return sql.listUnsuccessfulRunsOfWorkflow({ ...page, workflow, state });
    case "queued":
    case "running":
      return sql.listUnfinishedRunsOfWorkflow({ ...page, workflow, state });
    case "succeeded":
      return sql.listRunsOfWorkflowInState({ ...page, workflow, state });
  }
}

function runIds({ workflow, state, partition, ...page }: RunList) {
  if (partition !== undefined)
    return sql.listRunIdsOfPartition({ ...page, partition, workflow: workflow ?? null, state: state ?? null });
  if (workflow === undefined) return sql.listRunIdsInState({ ...page, state: state! });
  switch (state) {
    case undefined:
      return sql.listRunIdsOfWorkflow({ ...page, workflow });
    case "failed":
    case "cancelled":
      return sql.listUnsuccessfulRunIdsOfWorkflow({ ...page, workflow, state });
    case "queued":
    case "running":
      return sql.listUnfinishedRunIdsOfWorkflow({ ...page, workflow, state });
    case "succeeded":
      return sql.listRunIdsOfWorkflowInState({ ...page, workflow, state });
  }
}
