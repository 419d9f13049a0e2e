import { Type } from "typebox";
import { WEBHOOK_EVENTS } from "../core/webhook-event.ts";
import { contract } from "./contract.ts";
import { Count, ErrorDocument, Flag, Moment, oneOf, orNull, PAGE, pageOf, record, WorkflowName } from "./schema.ts";

const Events = Type.Array(oneOf(WEBHOOK_EVENTS), { minItems: 1, maxItems: 20 });
const Workflows = orNull(
  Type.Array(WorkflowName, {
    minItems: 1,
    maxItems: 100,
    description: "Only what runs of these do; null: of all, and what comes from outside",
  }),
);
const Url = Type.String({ minLength: 1, maxLength: 2000 });
const Name = Type.String({ minLength: 1, maxLength: 100, description: "For people. Default: the host of its URL" });
const SecretName = Type.String({
  minLength: 1,
  maxLength: 200,
  description: "Name of the secret that messages are signed with",
});

export const Webhook = record({
  id: Count,
  name: Type.String(),
  url: Type.String(),
  secret: Type.String(),
  events: Type.Array(oneOf(WEBHOOK_EVENTS)),
  workflows: orNull(Type.Array(Type.String())),
  disabled: Flag,
  createdAt: Moment,
  createdBy: Type.String(),
  waiting: { ...Count, description: "Messages that are still to be told" },
  failed: { ...Count, description: "Messages that could not be told" },
  deliveredAt: orNull({ ...Moment, description: "When the last one was told" }),
  lastError: orNull({ ...ErrorDocument, description: "Of the last message that did not arrive" }),
});

const WebhookTest = record({
  status: orNull(Type.Integer({ description: "Of HTTP" })),
  tookMs: Type.Integer(),
  error: orNull(ErrorDocument),
});

export const webhookContracts = {
  list: contract({
    method: "get",
    path: "/api/webhooks",
    summary: "Addresses outside that are told of what happens, by number",
    role: "admin",
    query: record(PAGE),
    response: pageOf(Webhook),
  }),
  get: contract({
    method: "get",
    path: "/api/webhooks/{webhook}",
    summary: "One webhook. Its messages: `GET /api/alerts?webhook=`",
    role: "admin",
    response: Webhook,
  }),
  add: contract({
    method: "post",
    path: "/api/webhooks",
    summary: "Tell an address outside of what happens from now on, signed",
    role: "admin",
    body: record({
      url: Url,
      secret: SecretName,
      events: Events,
      workflows: Type.Optional(Workflows),
      name: Type.Optional(Name),
      disabled: Type.Optional(Flag),
    }),
    response: Webhook,
    status: 201,
  }),
  change: contract({
    method: "patch",
    path: "/api/webhooks/{webhook}",
    summary: "Change a webhook",
    role: "admin",
    body: record({
      url: Type.Optional(Url),
      secret: Type.Optional(SecretName),
      events: Type.Optional(Events),
      workflows: Type.Optional(Workflows),
      name: Type.Optional(Name),
      disabled: Type.Optional(Flag),
    }),
    response: Webhook,
  }),
  remove: contract({
    method: "delete",
    path: "/api/webhooks/{webhook}",
    summary: "Remove a webhook, with what it was to be told",
    role: "admin",
    response: null,
    status: 204,
  }),
  test: contract({
    method: "post",
    path: "/api/webhooks/{webhook}/test",
    summary: "Send it a message of the type `ping`, once, and say what came of it",
    role: "admin",
    response: WebhookTest,
  }),
};
