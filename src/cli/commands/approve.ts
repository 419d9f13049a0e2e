import { readPayload } from "../../core/event.ts";
import { answerAnywhere } from "../../owner/open-work.ts";
import { asUser } from "../as-user.ts";
import { type CommandContext, defineCommand, JSON_ARG } from "../command.ts";
import { configOf } from "../config-of.ts";
import { STATUS } from "../exit-status.ts";
import { approvalDocument } from "./approvals.ts";

const ID = { type: "positional", description: 'Its number, as "tutti approvals" lists it', required: true } as const;
const COMMENT = { type: "string", description: "Why, for people", valueHint: "text" } as const;

export const approve = defineCommand({
  name: "approve",
  description: "Say yes to what a task asks, with its form where it has one",
  args: {
    approval: ID,
    data: { type: "string", description: "What is filled in, as JSON", valueHint: "json" },
    comment: COMMENT,
    json: JSON_ARG,
  },
  examples: [
    ["tutti approve 17-3f9a2c", "the first answer counts"],
    [`tutti approve 17-3f9a2c --data '{"account": "DE12"}'`, "with its form"],
  ],
  run: (args, context) =>
    answer(
      {
        id: args.approval,
        approved: true,
        ...(args.data !== undefined && { form: readPayload(args.data, "--data") }),
        ...(args.comment !== undefined && { comment: args.comment }),
      },
      args.json === true,
      context,
    ),
});

export const reject = defineCommand({
  name: "reject",
  description: "Say no to what a task asks",
  args: { approval: ID, comment: COMMENT, json: JSON_ARG },
  examples: [['tutti reject 17-3f9a2c --comment "twice the offer"', "the first answer counts"]],
  run: (args, context) =>
    answer(
      { id: args.approval, approved: false, ...(args.comment !== undefined && { comment: args.comment }) },
      args.json === true,
      context,
    ),
});

async function answer(
  reply: { readonly id: string; readonly approved: boolean; readonly form?: unknown; readonly comment?: string },
  json: boolean,
  context: CommandContext,
): Promise<number> {
  const { typed, out } = context;
  const answered = await answerAnywhere({ config: await configOf(context), ...asUser(typed, out) }, reply);
  if (json) out.json(approvalDocument(answered));
  else out.line(`"${answered.title}" is ${reply.approved ? "approved" : "rejected"}.`);
  return STATUS.succeeded;
}
