import type { TuttiError } from "../../core/errors.ts";
import type { ApprovalRecord } from "../../store/approvals.ts";
import { defineCommand, JSON_ARG } from "../command.ts";
import { configOf } from "../config-of.ts";
import { STATUS } from "../exit-status.ts";
import { printTable } from "../output/table.ts";
import { isoText, taskRunText, timeText } from "../output/time-text.ts";
import { viewing } from "../reading.ts";

const MOST = 10_000;

export const approvals = defineCommand({
  name: "approvals",
  description: "List what tasks ask people and nobody has answered, the longest asked first",
  args: { json: JSON_ARG },
  examples: [
    ["tutti approvals", "what waits, and until when"],
    ["tutti approve 17-3f9a2c", "answers one"],
  ],
  async run(args, context) {
    const { out } = context;
    const config = await configOf(context);
    const found = await viewing(config, (view) => view.listApprovals({ limit: MOST })).catch((error: TuttiError) => {
      // Nothing has run in this project yet.
      if (config.store.kind === "sqlite" && error.code === "STORE_NOT_FOUND") return [];
      throw error;
    });
    const open = found.filter(({ state }) => state === "open");
    if (args.json === true) out.json(open.map(approvalDocument));
    else if (open.length === 0) out.line("Nothing waits for an answer.");
    else
      printTable(out, open, [
        { head: "approval", cell: ({ id }) => out.style("bold", id) },
        { head: "asked", cell: ({ askedAt }) => timeText(askedAt) },
        { head: "until", cell: ({ dueAt }) => (dueAt === null ? "" : timeText(dueAt)) },
        { head: "who", cell: ({ by }) => by?.join(", ") ?? "operator" },
        { head: "task", cell: ({ workflow, task, mapIndex }) => `${workflow} / ${taskRunText(task, mapIndex)}` },
        { head: "question", cell: ({ title, hasForm }) => `${title}${hasForm ? " (form)" : ""}` },
      ]);
    return STATUS.succeeded;
  },
});

export const approvalDocument = (approval: ApprovalRecord): object => ({
  id: approval.id,
  title: approval.title,
  description: approval.description,
  state: approval.state,
  by: approval.by,
  form: approval.form,
  askedAt: isoText(approval.askedAt),
  until: isoText(approval.dueAt),
  onTimeout: approval.onTimeout,
  workflow: approval.workflow,
  runId: approval.runId,
  task: approval.task,
  mapIndex: approval.mapIndex,
  answer: approval.answer && {
    by: approval.answer.by,
    comment: approval.answer.comment,
    form: approval.answer.form ?? null,
    at: isoText(approval.answer.at),
  },
});
