import { type ApprovalAnswer, type ApprovalAsk, approvalUid } from "../core/approval.ts";
import type { Instant } from "../core/clock.ts";
import { isEndedTaskRun, type TaskRunState } from "../core/task-run-state.ts";
import type { Wait } from "../core/wait.ts";
import { toMapIndex } from "./task-run-row.ts";

/** `over`: its task run has ended, has gone on without an answer, or is about to. */
export const APPROVAL_STATES = ["open", "approved", "rejected", "over"] as const;
export type ApprovalState = (typeof APPROVAL_STATES)[number];

/** A question that a task run waits with. */
export interface ApprovalRecord extends ApprovalAsk {
  readonly runId: string;
  readonly workflow: string;
  readonly task: string;
  readonly mapIndex: number | null;
  readonly state: ApprovalState;
  /** `null`: there is none. */
  readonly answer: (Pick<ApprovalAnswer, "by" | "comment" | "form" | "token"> & { readonly at: Instant }) | null;
}

export interface ApprovalQuery {
  /** Only this one; one that is over is found too, as long as its task run waits or works. */
  readonly id?: string;
  readonly limit: number;
}

/** As every database hands over a task run that asks, or did a moment ago. */
export interface AskingRow {
  readonly id: number;
  readonly map_index: number;
  readonly state: TaskRunState;
  readonly result: string | null;
  readonly run: string;
  readonly workflow: string;
  readonly task: string;
}

/** The event of an answer. */
export interface AnswerRow {
  readonly uid: string;
  readonly payload: string | null;
  readonly at: Instant;
}

/** The task run that an approval belongs to; `null`: no id looks like this. */
export const askingTaskRun = (id: string): number | null => {
  const [, taskRun] = /^(\d{1,15})-[0-9a-f]{6}$/.exec(id) ?? [];
  return taskRun === undefined ? null : Number(taskRun);
};

/** What these task runs ask, the longest asked first. `answers`: asked for by their uids. */
export async function toApprovals(
  rows: readonly AskingRow[],
  now: Instant,
  answersTo: (uids: readonly string[]) => Promise<readonly AnswerRow[]>,
): Promise<readonly ApprovalRecord[]> {
  const asked = rows.flatMap((row) => asksOf(row).map((ask) => ({ row, ask })));
  const answers = asked.length === 0 ? [] : await answersTo(asked.map(({ ask }) => approvalUid(ask.id)));
  const byUid = new Map(answers.map((answer) => [answer.uid, answer]));
  return asked
    .map(({ row, ask }) => toApproval(row, ask, byUid.get(approvalUid(ask.id)) ?? null, now))
    .toSorted((a, b) => a.askedAt - b.askedAt);
}

const asksOf = ({ result }: AskingRow): readonly ApprovalAsk[] =>
  result === null ? [] : ((JSON.parse(result) as { readonly wait?: Wait }).wait?.approvals ?? []);

function toApproval(row: AskingRow, ask: ApprovalAsk, answer: AnswerRow | null, now: Instant): ApprovalRecord {
  const said = answer && ({ ...(JSON.parse(answer.payload ?? "{}") as ApprovalAnswer), at: answer.at } as const);
  const isOver = isEndedTaskRun(row.state) || (ask.dueAt !== null && ask.dueAt <= now);
  return {
    ...ask,
    runId: row.run,
    workflow: row.workflow,
    task: row.task,
    mapIndex: toMapIndex(row.map_index),
    state: said ? (said.approved ? "approved" : "rejected") : isOver ? "over" : "open",
    answer: said && { by: said.by, comment: said.comment, form: said.form, token: said.token, at: said.at },
  };
}
