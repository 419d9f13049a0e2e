/**
 * What somebody can be told of, by the option that says whom: `onFailure`, `onRetry`, `onSuccess`, `onSkipped`, `onLate`; of an asset `onStale`
 * and `onCheck`.
 */
export const ALERT_KINDS = ["failed", "retry", "succeeded", "skipped", "late", "stale", "check"] as const;
export type AlertKind = (typeof ALERT_KINDS)[number];

/** What an alert is about. `slow` goes where `late` goes. `problem`: with Tutti itself. */
export type AlertEvent = "failed" | "retry" | "succeeded" | "skipped" | "late" | "slow" | "stale" | "check" | "problem";
export const ALERT_EVENTS = [...ALERT_KINDS, "slow", "problem"] as const satisfies readonly AlertEvent[];

/** What becomes of a message. `waiting`: gathers, or was not tried yet. `trying`: was tried, or is at the moment. */
export const ALERT_STATES = ["waiting", "trying", "delivered", "failed"] as const;
export type AlertState = (typeof ALERT_STATES)[number];

/** Whom to tell, by name: the functions and notifiers themselves stand in the code, at the same places. */
export type AlertPlan = { readonly [K in AlertKind]?: readonly string[] };

/** `at`: the first such local time at or after the end of the window. `withinMs`: this long after the run was made. */
export type DeadlineManifest =
  | { readonly kind: "at"; readonly at: string; readonly timezone: string }
  | { readonly kind: "within"; readonly withinMs: number };

/** Where a function or notifier stands: of a task, by its place in the manifest; of the workflow, `task: null`; or in the configuration. */
export type AlertHandler =
  | { readonly of: "version"; readonly task: number | null; readonly kind: AlertKind; readonly place: number }
  | { readonly of: "config"; readonly place: number };

/** As it stands in the store: `3.failed.0`, `workflow.late.1`, `config.0`. */
export const handlerText = (handler: AlertHandler): string =>
  handler.of === "config"
    ? `config.${handler.place}`
    : `${handler.task ?? "workflow"}.${handler.kind}.${handler.place}`;

/** @throws Error for what `handlerText` never writes: a bug of ours. */
export function parseHandler(text: string): AlertHandler {
  const config = /^config\.(\d+)$/.exec(text);
  if (config) return { of: "config", place: Number(config[1]) };
  const [, task = "", kind = "", place = ""] = /^(workflow|\d+)\.(\w+)\.(\d+)$/.exec(text) ?? [];
  if (!(ALERT_KINDS as readonly string[]).includes(kind))
    throw new Error(`"${text}" is no place of an alert's receiver.`);
  return {
    of: "version",
    task: task === "workflow" ? null : Number(task),
    kind: kind as AlertKind,
    place: Number(place),
  };
}

/** Everybody that a plan names for an event, with the place of each. */
export function receiversOf(
  plan: AlertPlan | undefined,
  event: AlertEvent,
  task: number | null,
): readonly { readonly handler: string; readonly name: string }[] {
  if (event === "problem") return [];
  const kind = event === "slow" ? "late" : event;
  return (plan?.[kind] ?? []).map((name, place) => ({
    handler: handlerText({ of: "version", task, kind, place }),
    name,
  }));
}
