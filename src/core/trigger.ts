import { type AssetExpression, assetsOf, expressionText } from "./asset-expression.ts";
import type { RunState } from "./run-state.ts";

/** How a run must have ended for another one to follow; `ended`: however. */
export const RUN_ENDS = ["succeeded", "failed", "cancelled", "ended"] as const;
export type RunEnd = (typeof RUN_ENDS)[number];

/** The functions that a user may give with a trigger, which only a child can call. */
export const TRIGGER_FUNCTIONS = ["match", "dedupeBy", "params"] as const;
export type TriggerFunction = (typeof TRIGGER_FUNCTIONS)[number];

interface Common {
  /** The key of its subscription: unique in the workflow. */
  readonly name: string;
  /** What its runs are started with, as the value codec encodes it. Absent: nothing, or what a function makes. */
  readonly params?: string;
  /** Which of these are functions. Absent: none. */
  readonly functions?: readonly TriggerFunction[];
}

export type TriggerRuleManifest =
  | { readonly kind: "asset"; readonly assets: AssetExpression }
  | {
      readonly kind: "event";
      readonly event: string;
      /** Fields that the payload must have. */
      readonly match?: Readonly<Record<string, unknown>>;
      /** Where the key is in the payload, `order.id`. Absent: the one that came with the event. */
      readonly dedupeBy?: string;
      readonly dedupeForMs: number;
    }
  | { readonly kind: "run"; readonly workflow: string; readonly end: RunEnd }
  /** `pattern` is a folder's path with a glob behind it, relative to the project's folder. */
  | { readonly kind: "file"; readonly pattern: string; readonly settleMs: number; readonly everyMs: number }
  | { readonly kind: "poll"; readonly everyMs: number; readonly timeoutMs: number };

/** What starts runs of a workflow besides its schedules, as the manifest holds it. */
export type TriggerManifest = Common & TriggerRuleManifest;

export type TriggerKind = TriggerManifest["kind"];
export const TRIGGER_KINDS = ["asset", "event", "run", "file", "poll"] as const satisfies readonly TriggerKind[];

/** The names of what it hears of, in the store's words; a source hears of nobody but itself. */
export function subjectsOf(trigger: TriggerManifest): readonly string[] {
  if (trigger.kind === "asset") return assetsOf(trigger.assets);
  if (trigger.kind === "event") return [trigger.event];
  return trigger.kind === "run" ? [trigger.workflow] : [];
}

/** The kind that the trigger column of its runs says. */
export const runTriggerOf = ({ kind }: Pick<TriggerManifest, "kind">): "asset" | "run" | "event" =>
  kind === "asset" || kind === "run" ? kind : "event";

export const matchesEnd = (end: RunEnd, state: RunState): boolean => end === "ended" || end === state;

/** As a person reads it in a list. */
export function triggerText(trigger: TriggerRuleManifest): string {
  switch (trigger.kind) {
    case "asset":
      return `on asset ${expressionText(trigger.assets)}`;
    case "event":
      return `on event ${trigger.event}`;
    case "run":
      return `on run of ${trigger.workflow} ${trigger.end}`;
    case "file":
      return `on file ${trigger.pattern}`;
    case "poll":
      return `by polling`;
  }
}
