import { approvalContracts } from "../../api/approval-contracts.ts";
import { TuttiError } from "../../core/errors.ts";
import { momentOrNull, momentText } from "../../core/moment-text.ts";
import { answerApproval } from "../../owner/answer-approval.ts";
import { auditEntry } from "../../owner/audited-session.ts";
import type { ApprovalRecord } from "../../store/approvals.ts";
import type { Caller } from "../caller.ts";
import { on } from "../handler.ts";
import { PageCursor, sliced } from "../page-cursor.ts";
import type { ServerContext } from "../server-context.ts";

const MOST = 10_000;

export const approvalRoutes = [
  on(approvalContracts.list, async ({ query, caller }, { catalog, reader }) => {
    const visible = await catalog.visible(caller);
    const found = (await reader.listApprovals({ limit: MOST })).filter(
      ({ workflow, state }) =>
        (visible === null || visible.has(workflow)) && (query.state === undefined || query.state.includes(state)),
    );
    const page = sliced(found, query, new PageCursor("approvals", query));
    return { ...page, items: page.items.map(approvalDocument) };
  }),

  on(approvalContracts.get, async ({ params, caller }, server) =>
    approvalDocument(await visibleApproval(params.approval, caller, server)),
  ),

  on(approvalContracts.approve, ({ params, body, caller }, server) =>
    answer(params.approval, { approved: true, ...body }, caller, server),
  ),
  on(approvalContracts.reject, ({ params, body, caller }, server) =>
    answer(params.approval, { approved: false, ...body }, caller, server),
  ),
];

interface Reply {
  readonly approved: boolean;
  readonly form?: unknown;
  readonly comment?: string;
}

/** Who may is said by the question: a viewer's name may stand there. */
async function answer(id: string, reply: Reply, caller: Caller, server: ServerContext) {
  const before = await visibleApproval(id, caller, server);
  const session = await server.session();
  const { actor, user, role } = caller;
  const answered = await answerApproval(server.reader, session, { id: before.id, ...reply, actor, user, role });
  const act = reply.approved ? "approval.approve" : "approval.reject";
  const after = { run: before.runId, task: before.task, comment: reply.comment ?? null };
  await session.administer({ kind: "record" }, auditEntry(actor, act, before.id, { state: before.state }, after));
  return approvalDocument(answered);
}

/** @throws TuttiError `APPROVAL_NOT_FOUND` also for one that the caller may not see */
async function visibleApproval(
  id: string,
  caller: Caller,
  { reader, catalog }: ServerContext,
): Promise<ApprovalRecord> {
  const [found] = await reader.listApprovals({ id, limit: 1 });
  const visible = await catalog.visible(caller);
  if (found?.id === id && (visible === null || visible.has(found.workflow))) return found;
  throw new TuttiError("APPROVAL_NOT_FOUND", `There is no approval "${id}".`);
}

const approvalDocument = (approval: ApprovalRecord) => ({
  id: approval.id,
  title: approval.title,
  description: approval.description,
  state: approval.state,
  by: approval.by === null ? null : [...approval.by],
  form: approval.form,
  hasForm: approval.hasForm,
  askedAt: momentText(approval.askedAt),
  until: momentOrNull(approval.dueAt),
  onTimeout: approval.onTimeout,
  workflow: approval.workflow,
  runId: approval.runId,
  task: approval.task,
  mapIndex: approval.mapIndex,
  answer: approval.answer && {
    by: approval.answer.by,
    comment: approval.answer.comment,
    form: approval.answer.form ?? null,
    at: momentText(approval.answer.at),
  },
});
