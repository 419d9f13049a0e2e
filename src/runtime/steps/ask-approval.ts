import { createHash } from "node:crypto";
import type { StandardSchemaV1 } from "@standard-schema/spec";
import { type Approval, type ApprovalOptions, readApprovalOptions } from "../../authoring/approval.ts";
import { APPROVAL_EVENT, type ApprovalAnswer, type ApprovalAsk } from "../../core/approval.ts";
import { dateFromInstant, type Instant } from "../../core/clock.ts";
import { TuttiError } from "../../core/errors.ts";
import type { StartEvent } from "../../core/event.ts";
import { NEVER } from "../../core/wait.ts";
import { hearEvent } from "./hear-event.ts";
import type { StepBook } from "./step-book.ts";
import { idText, type StepId } from "./step-record.ts";
import type { StepPorts } from "./steps.ts";
import { beginWait } from "./wait-for-event.ts";

type AskPorts = Pick<StepPorts, "events" | "now" | "taskRunId" | "seed">;

/** Whoever answered in the last moment is still heard. */
const GRACE_US = 2_000_000;

/** Asks a person, and waits for the answer as for an event. @throws TuttiError `BAD_OPTION`, `BAD_DURATION`, `APPROVAL_TIMED_OUT`, `APPROVAL_FORM_INVALID` */
export async function askApproval(
  options: ApprovalOptions<StandardSchemaV1>,
  book: StepBook,
  ports: AskPorts,
): Promise<Approval<unknown>> {
  const what = `ctx.approval(${JSON.stringify(options?.title)})`;
  const { timeoutMs, schema, ...asked } = readApprovalOptions(options);
  book.checkPlace(what);
  const id = book.open("sleep", what);
  const known = await book.recorded(id);
  let answer: StartEvent | null;
  let overAt: Instant;
  if (known) {
    answer = known.kind === "heard" ? known.event : null;
    overAt = book.replay?.begun(id)?.dueAt ?? 0;
  } else {
    const { dueAt, mark, at } = await beginWait(id, { name: APPROVAL_EVENT, timeoutMs }, book, ports);
    const approval: ApprovalAsk = {
      ...asked,
      id: approvalId(id, ports),
      askedAt: at ?? ports.now(),
      dueAt: dueAt === NEVER ? null : dueAt,
    };
    const wanted = {
      name: APPROVAL_EVENT,
      fields: { approval: approval.id },
      matches: (event: StartEvent) => event.kind === "approval" && answerOf(event).approval === approval.id,
      approval,
    };
    const until = dueAt === NEVER ? NEVER : dueAt + GRACE_US;
    answer = await hearEvent(wanted, { dueAt: until, mark: mark ?? "" }, { ports, parking: book.parking });
    await book.write({ kind: "heard", id, event: answer });
    overAt = dueAt;
  }
  return answer === null ? timedOut(asked, overAt) : answered(answer, asked.title, schema);
}

/** Another one where what was recorded was thrown away: an old answer is none to a new question. */
const approvalId = (id: StepId, { taskRunId, seed }: AskPorts): string =>
  `${taskRunId}-${createHash("sha256")
    .update(`${seed} ${idText(id)}`)
    .digest("hex")
    .slice(0, 6)}`;

const answerOf = ({ payload }: StartEvent): ApprovalAnswer => payload as ApprovalAnswer;

async function answered(event: StartEvent, title: string, schema: StandardSchemaV1 | null): Promise<Approval<unknown>> {
  const { approved, by, comment, form } = answerOf(event);
  const at = dateFromInstant(event.at);
  if (!approved || schema === null) return { approved, by, comment, at, form: undefined, timedOut: false };
  const parsed = await schema["~standard"].validate(form);
  if (parsed.issues === undefined) return { approved, by, comment, at, form: parsed.value, timedOut: false };
  throw new TuttiError(
    "APPROVAL_FORM_INVALID",
    `"${title}" was approved by ${by} with a form that its schema refuses: ${parsed.issues.map(({ message }) => message).join("; ")}. What a JSON Schema can't say is only known here: ask again under another title.`,
  );
}

function timedOut({ title, onTimeout }: Pick<ApprovalAsk, "title" | "onTimeout">, at: Instant): Approval<unknown> {
  if (onTimeout === "fail")
    throw new TuttiError("APPROVAL_TIMED_OUT", `Nobody answered "${title}" in time. Ask again with tutti retry.`);
  return {
    approved: onTimeout === "approve",
    by: null,
    comment: null,
    at: dateFromInstant(at),
    form: undefined,
    timedOut: true,
  };
}
