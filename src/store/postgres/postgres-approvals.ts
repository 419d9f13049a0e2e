import type { Instant } from "../../core/clock.ts";
import {
  type AnswerRow,
  type ApprovalQuery,
  type ApprovalRecord,
  type AskingRow,
  askingTaskRun,
  toApprovals,
} from "../approvals.ts";
import { fromStoredText } from "../stored-text.ts";
import { getNow, listAnswers, listAsking } from "./approval.sql.ts";
import type { PostgresConnection } from "./postgres-connection.ts";
import { fromUuid } from "./run-uuid.ts";

/** `at`: now, of a test; `null`: by the database's clock. */
export async function readApprovals(
  connection: PostgresConnection,
  { id, limit }: ApprovalQuery,
  at: Instant | null,
): Promise<readonly ApprovalRecord[]> {
  const taskRun = id === undefined ? null : askingTaskRun(id);
  if (id !== undefined && taskRun === null) return [];
  const now = at ?? (await connection.get<{ now: Instant }>(getNow()))!.now;
  const rows = await connection.all<AskingRow>(listAsking({ taskRun, limit }));
  const named = rows.map((row) => ({
    ...row,
    run: fromUuid(row.run),
    workflow: fromStoredText(row.workflow),
    task: fromStoredText(row.task),
  }));
  const found = await toApprovals(named, now, (uids) =>
    connection.all<AnswerRow>(listAnswers({ uids: JSON.stringify(uids) })),
  );
  return id === undefined ? found : found.filter((approval) => approval.id === id);
}
