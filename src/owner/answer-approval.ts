import { randomUUID } from "node:crypto";
import { Errors } from "typebox/schema";
import { APPROVAL_EVENT, type ApprovalAnswer, approvalUid } from "../core/approval.ts";
import { TuttiError } from "../core/errors.ts";
import { encodePayload } from "../core/event.ts";
import { mayAs, type Role, ROLES } from "../core/role.ts";
import { type ApprovalRecord, askingTaskRun } from "../store/approvals.ts";
import type { StoreReader } from "../store/reader.ts";
import type { RunSession } from "./run-session.ts";

/** Who answers, and what. */
export interface ApprovalReply {
  readonly id: string;
  readonly approved: boolean;
  /** What is filled in, as JSON; `undefined`: nothing. */
  readonly form?: unknown;
  readonly comment?: string;
  /** By which this very answer is known: asked for again with it, an answer that was recorded is not somebody else's. Default: a new one. */
  readonly token?: string;
  /** As the audit log names them, e.g. `cli:ada`. */
  readonly actor: string;
  /** The name that an approval's `by` may have. `null`: nobody in particular. */
  readonly user: string | null;
  readonly role: Role;
}

/**
 * Answers an approval: the first answer counts, whoever asks at the same time. Durable when it resolves, and told to who waits.
 *
 * @throws TuttiError `APPROVAL_NOT_FOUND`, `APPROVAL_OVER`, `APPROVAL_ANSWERED`, `APPROVAL_NOT_ALLOWED`, `APPROVAL_FORM_INVALID`
 */
export async function answerApproval(
  reader: Pick<StoreReader, "listApprovals" | "hasTaskRun">,
  session: Pick<RunSession, "emit">,
  reply: ApprovalReply,
): Promise<ApprovalRecord> {
  const { id, approved, actor: by, comment = null, token = randomUUID() } = reply;
  const asked = await find(reader, id);
  if (asked.answer?.token === token) return asked;
  refuseOver(asked);
  refuseOthers(asked, reply);
  const form = reply.approved ? checkForm(asked, reply.form) : null;
  const answer: ApprovalAnswer = { approval: id, approved, by, comment, form, token };
  const payload = encodePayload(answer, `The answer to approval "${id}"`);
  const event = { kind: "approval", name: APPROVAL_EVENT, payload, key: null, partition: null } as const;
  // `null`: it is left for the process that owns the store, and nobody can say yet who was first.
  const isRecorded = (await session.emit({ uid: approvalUid(id), event })) !== null;
  const after = isRecorded ? await reader.listApprovals({ id, limit: 1 }) : [];
  const counted = after[0]?.answer ?? null;
  if (counted !== null && counted.token !== answer.token) refuseOver(after[0]!);
  return after[0] ?? { ...asked, state: approved ? "approved" : "rejected" };
}

async function find(reader: Pick<StoreReader, "listApprovals" | "hasTaskRun">, id: string): Promise<ApprovalRecord> {
  const [found] = await reader.listApprovals({ id, limit: 1 });
  if (found) return found;
  const taskRun = askingTaskRun(id);
  if (taskRun !== null && (await reader.hasTaskRun(taskRun))) throw over(id);
  throw new TuttiError("APPROVAL_NOT_FOUND", `There is no approval "${id}". Those that wait: tutti approvals`);
}

function refuseOver({ id, title, state, answer }: ApprovalRecord): void {
  if (state === "over") throw over(id);
  if (answer !== null)
    throw new TuttiError(
      "APPROVAL_ANSWERED",
      `"${title}" (${id}) was ${state} by ${answer.by} before. The first answer counts.`,
    );
}

const over = (id: string): TuttiError =>
  new TuttiError(
    "APPROVAL_OVER",
    `Approval "${id}" is over: its time has passed, it was answered, or its task run has ended. Those that wait: tutti approvals`,
  );

function refuseOthers({ id, title, by }: ApprovalRecord, { user, role, actor }: ApprovalReply): void {
  if (by === null ? mayAs(role, "operator") : by.some((one) => one === user || (isRole(one) && mayAs(role, one))))
    return;
  throw new TuttiError(
    "APPROVAL_NOT_ALLOWED",
    `"${title}" (${id}) may be answered by ${by === null ? "an operator" : by.map((one) => `"${one}"`).join(", ")}; you are ${actor}, with the role "${role}".`,
  );
}

const isRole = (name: string): name is Role => (ROLES as readonly string[]).includes(name);

function checkForm({ id, form: schema, hasForm }: ApprovalRecord, form: unknown): unknown {
  if (!hasForm) {
    if (form === undefined) return null;
    throw new TuttiError("APPROVAL_FORM_INVALID", `Approval "${id}" has no form: answer it without one.`);
  }
  const given = form === undefined ? {} : form;
  const [, errors] = schema === null ? [true, []] : Errors(schema, given);
  const [first] = errors;
  if (first === undefined) return given;
  const at = first.instancePath.replaceAll("/", ".").slice(1);
  throw new TuttiError(
    "APPROVAL_FORM_INVALID",
    `The form of approval "${id}" is not as its schema wants it: ${at === "" ? "it" : `"${at}"`} ${first.message}.`,
  );
}
