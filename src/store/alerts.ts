import type { AlertEvent, AlertState } from "../core/alert-plan.ts";
import type { WebhookEvent } from "../core/webhook-event.ts";
import type { Instant } from "../core/clock.ts";
import type { ErrorData } from "../core/errors.ts";

/**
 * The outbox of alerts. What a decision tells of goes with its commit (`RunGroup.alerts`); here is the rest: what no commit brings, and how
 * they are delivered. One row is one message to one receiver.
 */
export interface Alerts {
  /** Alerts about what no commit of a run tells. One whose `once` is known already is not recorded again. */
  add(alerts: readonly NewAlert[]): Promise<void>;
  /**
   * Those that are due, the longest due first, for whoever asks: nobody else gets them for `leaseMs`. Answers as well when the next one is due,
   * in milliseconds; `null`: none waits. `all`: also those that still gather.
   */
  claim(query: AlertClaim): Promise<ClaimedAlerts>;
  /** It was delivered, and is never given out again. `false`: it is somebody else's by now. */
  delivered(alert: AlertKey, at: Instant): Promise<boolean>;
  /** It was not delivered, and is due again in `againMs`; `null`: it has failed, and goes on to these receivers instead. */
  undelivered(alert: AlertKey, failure: UndeliveredAlert): Promise<boolean>;
  /** One that has failed is tried once more, from the beginning. `false`: there is none that has. */
  again(id: number): Promise<boolean>;
  /** Nobody else is at any of them: what was claimed is due now. For the one owner of a store. */
  takeOver(): Promise<void>;
  /** How long the last runs of a workflow took that succeeded, in milliseconds. */
  durations(workflow: string, limit: number): Promise<readonly number[]>;
  /** Names of schedulers whose lease has ended without a word within the last day. */
  lostSchedulers(): Promise<readonly LostScheduler[]>;
}

export interface NewAlert {
  /** `null`: about none. */
  readonly workflow: string | null;
  readonly runId: string | null;
  /** The version whose code tells it; `null`: none of a run. */
  readonly versionId: number | null;
  readonly event: AlertEvent;
  /** The task's name; `null`: it is about the whole run. */
  readonly task: string | null;
  /** Where the receiver stands (`core/alert-plan.ts`), and its name for people. */
  readonly handler: string;
  readonly receiver: string;
  /** Of the first task run that it speaks for; 0: none that ever ran. */
  readonly taskRunId: number;
  readonly attempt: number | null;
  /** Task runs that it speaks for. */
  readonly count: number;
  readonly error: ErrorData | null;
  readonly at: Instant;
  /** When it is due, where no other of its kind has been told before; else when `thenDueAt` says. More of the same that come until then join it. */
  readonly dueAt: Instant;
  readonly thenDueAt: Instant;
  /** Recorded once for each text. `null`: any number of times. */
  readonly once: string | null;
}

export interface AlertKey {
  readonly id: number;
  /** Rises each time it is given out, and guards what is said about it. */
  readonly claim: number;
}

export interface AlertClaim {
  readonly limit: number;
  readonly leaseMs: number;
  /** Also those that are not due yet, but for those that were tried before. Default: false. */
  readonly all?: boolean;
}

export interface ClaimedAlerts {
  readonly alerts: readonly AlertRecord[];
  readonly nextInMs: number | null;
}

export interface UndeliveredAlert {
  readonly error: ErrorData;
  readonly againMs: number | null;
  /** Receivers of the configuration. */
  readonly instead: readonly { readonly handler: string; readonly receiver: string }[];
}

export interface AlertRecord extends Omit<NewAlert, "thenDueAt" | "once" | "event">, AlertKey {
  readonly event: AlertEvent | WebhookEvent;
  readonly state: AlertState;
  readonly tries: number;
  /** What its last try failed with. */
  readonly lastError: ErrorData | null;
  /** Whom it was for at first, and why that one did not get it. `null`: it is first-hand. */
  readonly undelivered: { readonly to: string; readonly error: ErrorData } | null;
  readonly deliveredAt: Instant | null;
  /** The webhook that it is for, with what is told, as JSON. `null`: a receiver in code. */
  readonly webhook: { readonly id: number; readonly payload: string } | null;
}

export interface LostScheduler {
  readonly name: string;
  readonly instance: string;
  readonly host: string;
}

export interface AlertQuery {
  readonly limit: number;
  readonly states?: readonly AlertState[];
  readonly runId?: string;
  /** Only those for this webhook. Default: for everybody. */
  readonly webhook?: number;
  /** Only those about these workflows. Default: all, also those about none. */
  readonly workflows?: readonly string[];
  /** Only those before this one: the last id of the page before. */
  readonly before?: number;
}

/** A row as every database hands it over. */
export interface AlertRow {
  readonly id: number;
  readonly claim: number;
  readonly workflow: string | null;
  readonly run: string | null;
  readonly version: number | null;
  readonly event: AlertEvent | WebhookEvent;
  /** "": about the whole run. */
  readonly task: string;
  readonly handler: string;
  readonly receiver: string;
  readonly task_run: number;
  readonly attempt: number | null;
  readonly count: number;
  readonly error: string | null;
  readonly at: number;
  readonly due_at: number;
  readonly state: AlertState;
  readonly tries: number;
  readonly last_error: string | null;
  readonly undelivered: string | null;
  readonly delivered_at: number | null;
  readonly webhook: number | null;
  readonly payload: string | null;
}

export const toAlert = (row: AlertRow): AlertRecord => ({
  id: row.id,
  claim: row.claim,
  workflow: row.workflow,
  runId: row.run,
  versionId: row.version,
  event: row.event,
  task: row.task === "" ? null : row.task,
  handler: row.handler,
  receiver: row.receiver,
  taskRunId: row.task_run,
  attempt: row.attempt,
  count: row.count,
  error: parse<ErrorData>(row.error),
  at: row.at,
  dueAt: row.due_at,
  state: row.state,
  tries: row.tries,
  lastError: parse<ErrorData>(row.last_error),
  undelivered: parse<NonNullable<AlertRecord["undelivered"]>>(row.undelivered),
  deliveredAt: row.delivered_at,
  webhook: row.webhook === null ? null : { id: row.webhook, payload: row.payload ?? "{}" },
});

const parse = <T>(text: string | null): T | null => (text === null ? null : (JSON.parse(text) as T));

/** As a row is bound. */
export const fromAlert = (alert: NewAlert) => ({
  workflow: alert.workflow,
  run: alert.runId,
  version: alert.versionId,
  event: alert.event,
  task: alert.task ?? "",
  handler: alert.handler,
  receiver: alert.receiver,
  task_run: alert.taskRunId,
  attempt: alert.attempt,
  count: alert.count,
  error: alert.error === null ? null : JSON.stringify(alert.error),
  at: alert.at,
  due_at: alert.dueAt,
  then_due_at: alert.thenDueAt,
  once: alert.once,
});
