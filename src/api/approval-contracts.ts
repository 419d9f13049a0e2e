import { Type } from "typebox";
import { APPROVAL_TIMEOUTS } from "../core/approval.ts";
import { contract } from "./contract.ts";
import { Flag, Json, Moment, oneOf, orNull, PAGE, pageOf, record, someOf } from "./schema.ts";

const STATES = ["open", "approved", "rejected", "over"] as const;

const Approval = record({
  id: Type.String(),
  title: Type.String(),
  description: orNull(Type.String()),
  state: oneOf(STATES, "over: its task run has ended, or gone on without an answer"),
  by: orNull(Type.Array(Type.String(), { description: "Who may answer, by name or role" })),
  form: { ...Json, description: "JSON Schema of what whoever approves fills in; null: nothing, or it has none" },
  hasForm: Flag,
  askedAt: Moment,
  until: orNull(Moment),
  onTimeout: oneOf(APPROVAL_TIMEOUTS),
  workflow: Type.String(),
  runId: Type.String(),
  task: Type.String(),
  mapIndex: orNull(Type.Integer()),
  answer: orNull(record({ by: Type.String(), comment: orNull(Type.String()), form: Json, at: Moment })),
});

const Comment = Type.Optional(Type.String({ minLength: 1, maxLength: 2000, description: "Why, for people" }));

export const approvalContracts = {
  list: contract({
    method: "get",
    path: "/api/approvals",
    summary: "What tasks ask people, the longest asked first",
    role: "viewer",
    query: record({ state: Type.Optional(someOf(STATES)), ...PAGE }),
    response: pageOf(Approval),
  }),
  get: contract({
    method: "get",
    path: "/api/approvals/{approval}",
    summary: "One question, as long as its task run waits or works",
    role: "viewer",
    response: Approval,
  }),
  approve: contract({
    method: "post",
    path: "/api/approvals/{approval}/approve",
    summary: "Say yes, with the form where there is one; the first answer counts",
    role: "viewer",
    body: record({ form: Type.Optional(Json), comment: Comment }),
    response: Approval,
  }),
  reject: contract({
    method: "post",
    path: "/api/approvals/{approval}/reject",
    summary: "Say no; the first answer counts",
    role: "viewer",
    body: record({ comment: Comment }),
    response: Approval,
  }),
};
