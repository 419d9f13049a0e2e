import type { AlertEvent } from "../core/alert-plan.ts";
import type { ErrorData } from "../core/errors.ts";

/** What happened, as plain data, for whoever is to be told. */
export interface Alert {
  /**
   * `late`: it should have ended by now. `slow`: slower than its history. `stale`: an asset is older than it may be. `check`: what an asset's check
   * found. `problem`: with Tutti itself, e.g. a file that does not load.
   */
  readonly event: AlertEvent;
  /** The same each time this alert is delivered: for receivers that recognise a repeat. */
  readonly id: string;
  /** What it is about, the same for a failure and for the success that ends it: one incident, one key. */
  readonly key: string;
  readonly at: Date;
  /** `null`: about no workflow. */
  readonly workflow: string | null;
  /** `null`: about the whole run. */
  readonly task: string | null;
  readonly runId: string | null;
  /** `ctx.date` of the run. */
  readonly date: string | null;
  readonly attempt: number | null;
  /** Task runs that it speaks for: several when many of one mapped task failed. */
  readonly count: number;
  /** The cause: of a run, the first of its failures; of several task runs, that of the first. */
  readonly error: ErrorData | null;
  /** Of a run that failed: the tasks that did. */
  readonly failedTasks: readonly { readonly task: string; readonly count: number }[];
  /** The last lines of the log, secrets masked. */
  readonly log: readonly string[];
  /** Its page; `null` without `publicUrl`. */
  readonly url: string | null;
  /** Who could not be told, and why: then it comes to the `alerts` of the configuration instead. `null`: it comes first-hand. */
  readonly undelivered: { readonly to: string; readonly error: ErrorData } | null;
}

/** Somebody who can be told: what `onFailure` and its siblings take beside a function. */
export interface Notifier {
  /** For lists and errors: `slack #data-alerts`. */
  readonly name: string;
  /** Tells it once. What it throws makes whoever called try again later. */
  notify(alert: Alert, call?: { readonly signal?: AbortSignal }): Promise<void>;
}

/** What an alert function gets beside the alert. */
export interface AlertContext {
  /** Aborts 30 seconds after the call: by then it has failed. */
  readonly signal: AbortSignal;
  /** 1 for the first of five tries. */
  readonly attempt: number;
  /** The version whose code this is: that of the run, or the last good one where there is no run. `null`: the configuration. */
  readonly workflow: { readonly name: string; readonly version: string } | null;
}

/**
 * Tells somebody of an alert. It runs in a worker's process, as tasks do, and uses the connections that its file declares. What it throws is
 * tried again, five times in all; `FailWithoutRetry` is not.
 */
export type AlertFunction = (alert: Alert, ctx: AlertContext) => unknown;

/** What `onFailure` and its siblings take: a notifier, a function, or a list of them. */
export type Alerted = Notifier | AlertFunction | readonly (Notifier | AlertFunction)[];
