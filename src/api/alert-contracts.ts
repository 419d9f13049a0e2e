import { Type } from "typebox";
import { ALERT_EVENTS, ALERT_STATES } from "../core/alert-plan.ts";
import { WEBHOOK_EVENTS } from "../core/webhook-event.ts";
import { contract } from "./contract.ts";
import {
  Count,
  doneWith,
  DRY_RUN,
  ErrorDocument,
  Moment,
  oneOf,
  orNull,
  PAGE,
  pageOf,
  record,
  someOf,
  Text,
} from "./schema.ts";

export const Alert = record({
  id: Count,
  at: Moment,
  event: oneOf([...ALERT_EVENTS, ...WEBHOOK_EVENTS]),
  workflow: orNull(Type.String()),
  task: orNull(Type.String()),
  runId: orNull(Type.String()),
  count: Type.Integer({ minimum: 1, description: "Task runs that it speaks for" }),
  receiver: Type.String(),
  state: oneOf(ALERT_STATES),
  tries: Count,
  dueAt: orNull({ ...Moment, description: "When it is told, or tried, next" }),
  deliveredAt: orNull(Moment),
  error: orNull(ErrorDocument),
  lastError: orNull({ ...ErrorDocument, description: "What its last try failed with" }),
  undelivered: orNull(record({ to: Type.String(), error: ErrorDocument })),
});

const AlertId = Type.Integer({ minimum: 1, maximum: 1e15 });
const WebhookId = Type.Integer({ minimum: 1, maximum: 1e15 });
const RunPrefix = Type.String({ pattern: "^[0-9a-zA-Z]{1,26}$" });

export const alertContracts = {
  list: contract({
    method: "get",
    path: "/api/alerts",
    summary: "What people were told, and what could not be told; newest first",
    role: "viewer",
    query: record({
      state: Type.Optional(someOf(ALERT_STATES)),
      workflow: Type.Optional(Type.Array(Text(300), { maxItems: 100, description: "Separated by commas" })),
      run: Type.Optional(RunPrefix),
      webhook: Type.Optional({ ...WebhookId, description: "Only messages for this webhook" }),
      ...PAGE,
    }),
    response: pageOf(Alert),
  }),
  bulk: contract({
    method: "post",
    path: "/api/alerts/bulk",
    summary: "Tell many that have failed once more",
    role: "operator",
    body: record({
      act: oneOf(["retry"]),
      ids: Type.Optional(
        Type.Array(AlertId, { minItems: 1, maxItems: 1000, description: "Either these, or a selection" }),
      ),
      selection: Type.Optional(
        record(
          {
            workflow: Type.Optional(Type.Array(Text(300), { maxItems: 100 })),
            run: Type.Optional(RunPrefix),
            webhook: Type.Optional(WebhookId),
            state: Type.Optional(someOf(["failed"])),
          },
          "Of those that have failed",
        ),
      ),
      dryRun: DRY_RUN,
    }),
    response: doneWith(Type.Integer()),
  }),
  get: contract({
    method: "get",
    path: "/api/alerts/{alert}",
    summary: "One alert",
    role: "viewer",
    response: Alert,
  }),
  retry: contract({
    method: "post",
    path: "/api/alerts/{alert}/retry",
    summary: "Tell one that has failed once more, from the beginning",
    role: "operator",
    response: Alert,
  }),
};
