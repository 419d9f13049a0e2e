import type { AlertEvent, AlertHandler } from "../core/alert-plan.ts";
import type { Instant } from "../core/clock.ts";
import type { ErrorData } from "../core/errors.ts";
import type { VersionInfo } from "./protocol.ts";

/** One try at telling one receiver. */
export interface AlertCall {
  /** Where the receiver is: the code of a version, or the bundle of the configuration, with its place on this machine's disk. */
  readonly code: VersionInfo | ConfigCode;
  readonly handler: AlertHandler;
  readonly alert: AlertData;
  /** 1 for the first. */
  readonly attempt: number;
  readonly limitMs: number;
}

export interface ConfigCode {
  readonly hash: string;
  readonly file: string;
}

/** As `Alert` in `authoring/alert.ts`; its time crosses as a number. */
export interface AlertData {
  readonly event: AlertEvent;
  readonly id: string;
  readonly key: string;
  readonly at: Instant;
  readonly workflow: string | null;
  readonly task: string | null;
  readonly runId: string | null;
  readonly date: string | null;
  readonly attempt: number | null;
  readonly count: number;
  readonly error: ErrorData | null;
  readonly failedTasks: readonly { readonly task: string; readonly count: number }[];
  readonly log: readonly string[];
  readonly url: string | null;
  readonly undelivered: { readonly to: string; readonly error: ErrorData } | null;
}
