import { ALERT_KINDS, type AlertKind, type AlertPlan, type DeadlineManifest } from "../core/alert-plan.ts";
import type { AlertFunction, Alerted, Notifier } from "./alert.ts";
import { type Deadline, readDeadline } from "./alert-deadline.ts";
import { badOption } from "./known-options.ts";

/** Whom to tell, as a task and a workflow take it. */
export interface AlertOptions {
  /** Told when it has failed for good: of a task, after its last attempt; of a workflow, when the run has. Default: nobody. */
  readonly onFailure?: Alerted;
  /** Told when it failed and will be tried again; of a workflow, of any task in it. Default: nobody. */
  readonly onRetry?: Alerted;
  /** Told when it has succeeded. Default: nobody. */
  readonly onSuccess?: Alerted;
  /** Told when it was skipped, by its own code, a branch, or what it comes after; of a workflow, of any task in it. Default: nobody. */
  readonly onSkipped?: Alerted;
  /** Told when it has not ended by its `deadline`; of a workflow, also when a run is slower than usual. Default: nobody. */
  readonly onLate?: Alerted;
  /** When it is late: `deadline("08:00")`, or `deadline("2h")` after the run was made. It needs `onLate`. Default: never. */
  readonly deadline?: Deadline;
}

export const ALERT_OPTIONS = [
  "onFailure",
  "onRetry",
  "onSuccess",
  "onSkipped",
  "onLate",
  "deadline",
] as const satisfies readonly (keyof AlertOptions)[];

const KIND_OF = {
  onFailure: "failed",
  onRetry: "retry",
  onSuccess: "succeeded",
  onSkipped: "skipped",
  onLate: "late",
} as const satisfies Record<Exclude<keyof AlertOptions, "deadline">, AlertKind>;

/** What stands in the code, at the places that the plan of the manifest names. */
export type AlertReceivers = { readonly [K in AlertKind]?: readonly (Notifier | AlertFunction)[] };

/** The options as the manifest holds them, with the functions that it can't hold. Left out where nobody gave them. */
export interface ReadAlerts {
  readonly manifest: { readonly alerts?: AlertPlan; readonly deadline?: DeadlineManifest };
  readonly receivers: AlertReceivers | null;
}

/** @throws TuttiError `BAD_OPTION` */
export function readAlertOptions(given: AlertOptions, what: string, late: "task" | "workflow"): ReadAlerts {
  const receivers: { [K in AlertKind]?: readonly (Notifier | AlertFunction)[] } = {};
  for (const [option, kind] of Object.entries(KIND_OF) as [keyof typeof KIND_OF, AlertKind][]) {
    const all = given[option] === undefined ? [] : alerted(given[option], what, option);
    if (all.length > 0) receivers[kind] = all;
  }
  if (given.deadline !== undefined && receivers.late === undefined)
    throw badOption(what, "deadline", given.deadline, `given together with "onLate", which says whom to tell`);
  if (late === "task" && receivers.late !== undefined && given.deadline === undefined)
    throw badOption(what, "onLate", given.onLate, `given together with "deadline": deadline("08:00")`);
  if (Object.keys(receivers).length === 0) return NO_ALERTS;
  const alerts = Object.fromEntries(
    ALERT_KINDS.flatMap((kind) => (receivers[kind] ? [[kind, receivers[kind].map(nameOf)]] : [])),
  );
  return {
    manifest: { alerts, ...(given.deadline !== undefined && { deadline: readDeadline(given.deadline, what) }) },
    receivers,
  };
}

const NO_ALERTS: ReadAlerts = { manifest: {}, receivers: null };

/** @throws TuttiError `BAD_OPTION` */
export function alerted(given: unknown, what: string, option: string): readonly (Notifier | AlertFunction)[] {
  const all: readonly unknown[] = Array.isArray(given) ? given : [given];
  for (const one of all)
    if (!isReceiver(one))
      throw badOption(
        what,
        option,
        one,
        `a notifier such as slack("#data-alerts"), a function (alert, ctx) => …, or a list of them`,
      );
  return all as readonly (Notifier | AlertFunction)[];
}

const isReceiver = (one: unknown): boolean =>
  typeof one === "function" ||
  (typeof one === "object" && one !== null && typeof (one as Partial<Notifier>).notify === "function");

/** For lists: a notifier's own, or that of the function. */
export function nameOf(one: Notifier | AlertFunction): string {
  if ("notify" in one) return typeof one.name === "string" && one.name !== "" ? one.name : "notifier";
  return one.name === "" ? "function" : `function ${one.name}`;
}
