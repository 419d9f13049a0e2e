import type { RunState } from "../../core/run-state.ts";
import type { RunQuery, RunSummary } from "../reader.ts";
import { type RunSummaryRow, toRunSummary } from "../run-row.ts";
import { fromStoredText } from "../stored-text.ts";
import type { Session } from "./postgres-connection.ts";
import * as summaries from "./run-summary.sql.ts";
import { FIRST_UUID, fromUuid, LAST_UUID, toUuid } from "./run-uuid.ts";

/** Lists that are asked for side by side. */
const AT_ONCE = 8;

/** Runs of these workflows, the newest first. `workflows`: their numbers; `null`: all. */
export async function readRuns(
  session: Session,
  workflows: readonly number[] | null,
  { states, partitions, limit, before, after }: Omit<RunQuery, "workflow">,
): Promise<readonly RunSummary[]> {
  const last = before === undefined ? LAST_UUID : toUuid(before);
  const first = after === undefined ? FIRST_UUID : toUuid(after);
  if (last === null || first === null) return [];
  // No key has what PostgreSQL's text does not.
  const keys = partitions?.filter((partition) => !partition.includes("\0"));
  const lists = (workflows ?? [undefined]).flatMap((workflow) =>
    (states ?? [undefined]).flatMap((state) =>
      (keys ?? [undefined]).map((partition) => ({ workflow, state, partition })),
    ),
  );
  let found: readonly RunSummary[] = [];
  for (let at = 0; at < lists.length; at += AT_ONCE) {
    // With a page full, only what is newer than its last: of many workflows most have little of that.
    const page = { before: last, after: found.length < limit ? first : toUuid(found.at(-1)!.id)!, limit };
    const more = await Promise.all(
      lists.slice(at, at + AT_ONCE).map((list) => session.all<RunSummaryRow>(runsQuery({ ...page, ...list }))),
    );
    found = [...found, ...more.flat().map(summaryOf)].toSorted((a, b) => (a.id < b.id ? 1 : -1)).slice(0, limit);
  }
  return found;
}

interface RunList {
  readonly workflow: number | undefined;
  readonly state: RunState | undefined;
  readonly partition: string | undefined;
  readonly before: string;
  readonly after: string;
  readonly limit: number;
}

/** One statement per combination, so that each is a stretch of an index. */
function runsQuery({ workflow, state, partition, ...page }: RunList) {
  if (partition !== undefined)
    return summaries.listRunsOfPartition({ ...page, partition, workflow: workflow ?? null, state: state ?? null });
  if (workflow === undefined)
    return state === undefined ? summaries.listRuns(page) : summaries.listRunsInState({ ...page, state });
  if (state === undefined) return summaries.listRunsOfWorkflow({ ...page, workflow });
  return state === "failed" || state === "cancelled"
    ? summaries.listUnsuccessfulRunsOfWorkflow({ ...page, workflow, state })
    : summaries.listRunsOfWorkflowInState({ ...page, workflow, state });
}

const summaryOf = (row: RunSummaryRow): RunSummary =>
  toRunSummary({
    ...row,
    id: fromUuid(row.id),
    workflow_name: fromStoredText(row.workflow_name),
    version_hash: fromStoredText(row.version_hash),
  });
